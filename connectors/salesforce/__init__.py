"""Salesforce: the CRM that leads are pushed to, and that tells what sales made of them."""

from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from connectors.salesforce.admin import SalesforceAdmin
from connectors.salesforce.census import SalesforceCensus
from connectors.salesforce.probe import SalesforceProbe
from connectors.salesforce.session import API_VERSION, SalesforceSession
from connectors.salesforce.source import SalesforceSource
from connectors.salesforce.target import SalesforceTarget
from crosswalk.domain.connections import Connection
from crosswalk.platform.http import Pacer
from crosswalk.platform.settings import Settings
from crosswalk.ports import Connector


def connector(
    connection: Connection,
    settings: Settings,
    properties: Mapping[str, Sequence[str]],
) -> Connector:
    """Bind Salesforce to one connection; no call is made until something is asked of it.

    Args:
        connection: names the streams, the API version and the org's allowance.
        settings: where the org is and how to sign in.
        properties: for each stream the fields that the field mapping reads.

    Raises:
        ConfigError: address or credentials are not set, the address is not safe to use, or a mapping cannot be asked
            for in one query.
    """
    session = SalesforceSession(
        settings.need("salesforce_instance_url"),
        settings.need("salesforce_client_id"),
        SecretStr(settings.need("salesforce_client_secret")),
        version=connection.api_version or API_VERSION,
        timeout=settings.http_timeout,
        backoff=settings.http_backoff,
        pacer=Pacer(connection.calls_per_10_seconds, 10.0) if connection.calls_per_10_seconds else None,
    )
    return Connector(
        connection.name,
        source=SalesforceSource(session, connection.streams, properties),
        target=SalesforceTarget(session, bulk_threshold=settings.salesforce_bulk_threshold),
        admin=SalesforceAdmin(session),
        probe=SalesforceProbe(session),
        census=SalesforceCensus(session),
        calls=session.calls,
    )

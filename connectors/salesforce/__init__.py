"""Salesforce: the CRM that leads are pushed to."""

from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from connectors.salesforce.admin import SalesforceAdmin
from connectors.salesforce.census import SalesforceCensus
from connectors.salesforce.probe import SalesforceProbe
from connectors.salesforce.session import API_VERSION, SalesforceSession
from connectors.salesforce.target import SalesforceTarget
from crosswalk.domain.connections import Connection
from crosswalk.platform.http import Pacer
from crosswalk.platform.settings import Settings
from crosswalk.ports import Connector


def connector(
    connection: Connection,
    settings: Settings,
    properties: Mapping[str, Sequence[str]],  # noqa: ARG001 -- every connector is called alike
) -> Connector:
    """Bind Salesforce to one connection; no call is made until something is asked of it.

    ``properties`` is for sources and ignored here.

    Raises:
        ConfigError: address or credentials are not set, or the address is not safe to use.
    """
    session = SalesforceSession(
        settings.need("salesforce_instance_url"),
        settings.need("salesforce_client_id"),
        SecretStr(settings.need("salesforce_client_secret")),
        version=connection.api_version or API_VERSION,
        timeout=settings.http_timeout,
        pacer=Pacer(connection.calls_per_10_seconds, 10.0) if connection.calls_per_10_seconds else None,
    )
    return Connector(
        connection.name,
        target=SalesforceTarget(session),
        admin=SalesforceAdmin(session),
        probe=SalesforceProbe(session),
        census=SalesforceCensus(session),
        calls=session.calls,
    )

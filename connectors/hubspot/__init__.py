"""HubSpot: where inquiries come from, and what is told how they went.

How it really behaves, and which test proves it: BEHAVIOR.md beside this file.
"""

from collections.abc import Mapping, Sequence

from connectors.hubspot.admin import HubSpotAdmin
from connectors.hubspot.client import Client
from connectors.hubspot.probe import HubSpotProbe
from connectors.hubspot.source import HubSpotSource
from connectors.hubspot.target import HubSpotTarget
from crosswalk.domain.connections import Connection
from crosswalk.platform.http import CallCounter, Pacer
from crosswalk.platform.settings import Settings
from crosswalk.ports import Connector


def connector(connection: Connection, settings: Settings, properties: Mapping[str, Sequence[str]]) -> Connector:
    """Bind HubSpot to one connection; opens no socket.

    Args:
        connection: names the streams, the API version and the account's allowances.
        settings: base URL and private-app token.
        properties: for each stream the HubSpot properties that the field mapping reads.

    Raises:
        ConfigError: no token, or a mapping that cannot be asked for in one search.
    """
    calls = CallCounter()
    burst, search = connection.calls_per_10_seconds, connection.search_per_second
    client = Client(
        settings.hubspot_base_url,
        settings.need("hubspot_token").strip(),
        timeout=settings.http_timeout,
        backoff=settings.http_backoff,
        api_version=connection.api_version,
        calls=calls,
        pacer=Pacer(burst, 10.0) if burst else Pacer.unlimited(),
        search_pacer=Pacer.rate(search) if search else Pacer.unlimited(),
    )
    return Connector(
        name=connection.name,
        source=HubSpotSource(client, connection.streams, properties),
        target=HubSpotTarget(client),
        admin=HubSpotAdmin(client),
        probe=HubSpotProbe(client, connection.streams, properties),
        calls=calls,
    )

"""Connectors are found by entry point, ours and a stranger's alike."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import entry_points

from crosswalk.domain.connections import Connection
from crosswalk.errors import ConfigError
from crosswalk.platform.settings import Settings
from crosswalk.ports import Connector

GROUP = "crosswalk.connectors"


def connect(connection: Connection, settings: Settings, properties: Mapping[str, Sequence[str]]) -> Connector:
    """Bind a connection to its system's connector; makes no call yet.

    Args:
        connection: one entry of mappings/connections.yaml.
        settings: where the system is and how to sign in.
        properties: stream -> source properties that the field mappings read.

    Raises:
        ConfigError: no connector of that name is installed.
    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    if connection.system not in found:
        known = ", ".join(sorted(found)) or "none"
        raise ConfigError(
            f"no connector for system {connection.system!r} is installed (found: {known})",
            file="mappings/connections.yaml",
            key=connection.name,
        )
    bound: Connector = found[connection.system].load()(connection, settings, properties)
    return bound


def connect_all(
    connections: Iterable[Connection], settings: Settings, properties: Mapping[str, Mapping[str, Sequence[str]]]
) -> dict[str, Connector]:
    """Bind every connection; ``properties`` is by connection and stream."""
    return {one.name: connect(one, settings, properties.get(one.name, {})) for one in connections}

"""Values of a scenario's seeds, of which there may be millions: what is as it should be is taken as it is."""

from __future__ import annotations

from sandbox.hubspot.schema import parse_ms


def milliseconds(value: object) -> int:
    """A moment, in ms or in any spelling that HubSpot takes."""
    return value if type(value) is int else parse_ms(str(value))


def lower(text: object) -> str:
    """An address as it is compared; the seed's own text where it is that already."""
    given = str(text).strip()
    return given if given.islower() else given.lower()

"""What `crosswalk doctor` asks HubSpot: is the token good, may it read, does the portal have the mapped properties."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from connectors.hubspot.client import Client
from connectors.hubspot.errors import VENDOR
from connectors.hubspot.search import newest
from crosswalk.domain.connections import Stream
from crosswalk.errors import CrosswalkError, TerminalError, TransientError
from crosswalk.ports import Health

ACCESS_CODES = ("INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION")


class _Property(msgspec.Struct):
    name: str


class _Properties(msgspec.Struct):
    results: list[_Property]


class HubSpotProbe:
    """Two calls for each stream."""

    def __init__(self, client: Client, streams: Mapping[str, Stream], properties: Mapping[str, Sequence[str]]) -> None:
        self._client, self._streams, self._properties = client, streams, properties

    def health(self) -> list[Health]:
        """One line for the account and some for each stream; stops asking where the account itself fails."""
        lines: list[Health] = []
        for name, stream in self._streams.items():
            try:
                self._client.search(stream.object, newest(stream, None))
            except CrosswalkError as error:
                if _is_about_account(error):
                    return [Health(f"{VENDOR} account", ok=False, advice=str(error))]
                lines.append(Health(f"{VENDOR} {name}: search", ok=False, advice=str(error)))
            else:
                lines.append(Health(f"{VENDOR} {name}: search", ok=True))
            lines.extend(self._defined(name, stream))
        return [Health(f"{VENDOR} account", ok=True), *lines]

    def _defined(self, name: str, stream: Stream) -> Iterator[Health]:
        """Whether the portal defines what the mapping reads: search leaves unknown properties out without a word."""
        subject = f"{VENDOR} {name}: properties"
        try:
            data = self._client.properties(stream.object)
            known = {each.name for each in msgspec.json.decode(data, type=_Properties).results}
        except CrosswalkError as error:
            yield Health(subject, ok=False, advice=str(error))
            return
        except msgspec.DecodeError as error:
            yield Health(subject, ok=False, advice=f"{VENDOR} sent an unreadable list of properties: {error}")
            return
        missing = [each for each in (stream.modified, *self._properties.get(name, ())) if each not in known]
        if not missing:
            yield Health(subject, ok=True)
        for each in dict.fromkeys(missing):
            advice = (
                f"The portal has no property {each}: run `crosswalk setup` if it is the hub's own; else create it "
                f"(Settings > Properties), correct its internal name in the field mapping, or take it out there. "
                f"Until then it is read as empty, or stops its stream if it has been there before."
            )
            yield Health(f"{VENDOR} {name}: property {each}", ok=False, advice=advice)


def _is_about_account(error: CrosswalkError) -> bool:
    """Whether every further question would fail in the same way."""
    return isinstance(error, TransientError) or (isinstance(error, TerminalError) and error.code in ACCESS_CODES)

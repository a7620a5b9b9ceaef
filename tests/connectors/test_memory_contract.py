"""The connectors in memory keep the contract: the suite can be passed, and they may stand in for real ones."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from crosswalk.domain.planning import Value, Write
from crosswalk.errors import RecordError, TerminalError
from crosswalk.ports import Source, Target
from crosswalk.testing.contract import SourceContract, SourceSystem, TargetContract, TargetSystem
from crosswalk.testing.memory import MemorySource, MemoryTarget, Row


class MemorySourceSystem(SourceSystem):
    stream, properties, look_back = "people", ("email", "city"), timedelta(seconds=120)

    def __init__(self) -> None:
        self.source = MemorySource({self.stream: self.properties}, page_rows=100, look_back=self.look_back)
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.numbers = itertools.count(1)

    def connect(self) -> Source:
        return self.source

    def add(self, count: int) -> set[str]:
        return self._put(count, self.now, indexed=True)

    def add_unindexed(self, count: int) -> set[str]:
        return self._put(count, self.now - timedelta(seconds=5), indexed=False)

    def index(self) -> None:
        self.source.index(self.stream)

    def pass_time(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def _put(self, count: int, moment: datetime, *, indexed: bool) -> set[str]:
        ids = [f"{next(self.numbers):08}" for _ in range(count)]
        self.source.put(self.stream, *[Row(key, moment, {"email": f"{key}@example.org"}, indexed) for key in ids])
        return set(ids)


class TestMemorySource(SourceContract):
    many_rows = 2_000

    @pytest.fixture
    def system(self) -> SourceSystem:
        return MemorySourceSystem()


class MemoryTargetSystem(TargetSystem):
    object, text_field = "Lead", "Company"

    def __init__(self) -> None:
        self.target = MemoryTarget(refuse=self._refuse)
        self.numbers = itertools.count(1)

    def connect(self) -> Target:
        return self.target

    def fields(self) -> Mapping[str, Value]:
        number = next(self.numbers)
        return {"Email": f"p{number}@example.org", self.text_field: f"Clinic {number}"}

    def refused_fields(self) -> Mapping[str, Value]:
        return {"Email": "not an address"}

    def match(self, fields: Mapping[str, Value]) -> Mapping[str, Sequence[str]]:
        return {"Email": [str(fields["Email"])]}

    def count(self) -> int:
        return len(self.target.all(self.object))

    def fail_next_write(self) -> None:
        self.target.failure = TerminalError("no rule knows this", code="NEW")

    def stored(self, text: str) -> str:
        return text

    @staticmethod
    def _refuse(action: Write) -> RecordError | None:
        fields = getattr(action, "fields", {})
        return (
            RecordError("refused", code="INVALID_EMAIL", fields=("Email",))
            if "@" not in fields.get("Email", "@")
            else None
        )


class TestMemoryTarget(TargetContract):
    @pytest.fixture
    def system(self) -> TargetSystem:
        return MemoryTargetSystem()

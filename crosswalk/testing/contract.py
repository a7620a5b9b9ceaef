"""What every connector must keep, as suites that an author subclasses. Needs pytest (a development dependency).

    class TestMySource(SourceContract):
        @pytest.fixture
        def system(self) -> SourceSystem:
            return MySystem(...)      # talks to the vendor's sandbox, never to a mock of your own client

A suite asks the system behind the connector to change, and then judges only what the connector gives back.
"""

import itertools
import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

import polars as pl
import pytest

from crosswalk.domain.planning import Change, Create, Receipt, Record, Update, Value
from crosswalk.errors import CrosswalkError, TerminalError
from crosswalk.platform.http import Refusal, Rule, classify
from crosswalk.ports import Cursor, Lookup, Page, Source, Target
from crosswalk.testing.hostile import TEXTS


class SourceSystem(ABC):
    """A vendor's sandbox with one stream, as a test may change it."""

    stream: str
    properties: Sequence[str]
    look_back: timedelta

    @abstractmethod
    def connect(self) -> Source:
        """A connector of its own, as a new process would have it."""

    @abstractmethod
    def add(self, count: int) -> set[str]:
        """Create rows, changed now and visible at once; return their external ids."""

    @abstractmethod
    def add_unindexed(self, count: int) -> set[str]:
        """Create rows, changed some seconds ago, that the vendor does not show before ``index``."""

    @abstractmethod
    def index(self) -> None:
        """Let the vendor show everything."""

    @abstractmethod
    def pass_time(self, seconds: int) -> None:
        """Move the vendor's clock."""


class SourceContract:
    """Nothing is lost, nothing is read twice within a window, and reading goes on from any page."""

    many_rows: ClassVar[int] = 12_000
    """More than any vendor's offset paging reaches."""

    @pytest.fixture
    def system(self) -> SourceSystem:
        """The author's system, with no rows or some."""
        raise NotImplementedError

    def test_pages_have_the_declared_columns(self, system: SourceSystem) -> None:
        system.add(3)
        declared: dict[str, pl.DataType] = {"external_id": pl.String(), "modified_at": pl.Datetime("us", "UTC")}
        declared |= dict.fromkeys(system.properties, pl.String())
        for page in system.connect().pull(system.stream, Cursor()):
            assert dict(page.frame.schema) == declared
            assert page.frame["external_id"].null_count() == page.frame["modified_at"].null_count() == 0

    def test_a_first_pull_reads_every_row_once(self, system: SourceSystem) -> None:
        added = system.add(500)
        ids = _ids(_pull(system, Cursor()))
        assert len(ids) == len(set(ids))
        assert added <= set(ids)

    def test_the_window_stays_open_until_the_last_page(self, system: SourceSystem) -> None:
        system.add(500)
        *pages, last = _pull(system, Cursor())
        assert {page.cursor.until for page in pages} <= {last.cursor.since}
        places = [page.cursor.last_id for page in pages]
        assert None not in places
        assert len(set(places)) == len(places)
        assert last.cursor.since is not None
        assert last.cursor == Cursor(since=last.cursor.since)

    def test_only_the_first_page_of_a_window_tells_the_expected_rows(self, system: SourceSystem) -> None:
        system.add(500)
        pages = _pull(system, Cursor())
        assert pages[0].expected in (None, len(_ids(pages)))
        assert all(page.expected is None for page in pages[1:])
        if len(pages) > 1:
            assert _pull(system, pages[0].cursor)[0].expected is None

    def test_reading_goes_on_after_any_page(self, system: SourceSystem) -> None:
        system.add(500)
        whole = _ids(_pull(system, Cursor()))
        for stop in itertools.count(1):
            before = list(itertools.islice(system.connect().pull(system.stream, Cursor()), stop))
            if before[-1].cursor.until is None:
                return
            assert _ids(before) + _ids(_pull(system, before[-1].cursor)) == whole

    def test_rows_that_appear_while_reading_wait_for_the_next_window(self, system: SourceSystem) -> None:
        known = system.add(500)
        reading = system.connect().pull(system.stream, Cursor())
        pages = [next(reading)]
        system.pass_time(5)
        added = system.add(3)
        pages.extend(reading)
        assert known <= set(_ids(pages))
        assert added <= {*_ids(pages), *_ids(_pull(system, pages[-1].cursor))}

    def test_a_pull_without_a_change_repeats_the_look_back_only(self, system: SourceSystem) -> None:
        system.add(20)
        system.pass_time(int(system.look_back.total_seconds()) + 60)
        system.add(2)
        end = _pull(system, Cursor())[-1].cursor
        again = _pull(system, end)
        # A window ends at the newest change, which is where it was, or at the vendor's time, which has gone on.
        after = again[-1].cursor
        assert end.since is not None
        assert after.since is not None
        assert after.since >= end.since
        assert after == Cursor(after.since)
        for page in again:
            assert (page.frame["modified_at"] >= end.since - system.look_back).all()
        assert len(_ids(again)) == 2

    def test_new_rows_are_found_by_the_next_pull(self, system: SourceSystem) -> None:
        system.add(3)
        end = _pull(system, Cursor())[-1].cursor
        system.pass_time(3_600)
        added = system.add(3)
        assert added <= set(_ids(_pull(system, end)))

    def test_rows_that_are_indexed_late_are_found_by_the_next_pull(self, system: SourceSystem) -> None:
        system.add(2)
        begun = _pull(system, Cursor())[-1].cursor  # a first reading may take a road that shows rows at once
        seen = system.add(2)
        late = system.add_unindexed(2)
        first = _pull(system, begun)
        assert seen <= set(_ids(first))
        assert not late & set(_ids(first))
        system.index()
        assert late <= set(_ids(_pull(system, first[-1].cursor)))

    def test_more_rows_than_offsets_reach_are_read(self, system: SourceSystem) -> None:
        added = system.add(self.many_rows)
        ids = _ids(_pull(system, Cursor()))
        assert len(ids) == len(set(ids))
        assert added <= set(ids)

    def test_an_unknown_stream_is_refused(self, system: SourceSystem) -> None:
        with pytest.raises(CrosswalkError):
            list(system.connect().pull("no_such_stream", Cursor()))


def _pull(system: SourceSystem, cursor: Cursor) -> list[Page]:
    return list(system.connect().pull(system.stream, cursor))


def _ids(pages: Sequence[Page]) -> list[str]:
    return [external_id for page in pages for external_id in page.frame["external_id"]]


class TargetSystem(ABC):
    """A vendor's sandbox with one object, as a test may change it."""

    object: str
    text_field: str
    """A writable text field that holds at least 200 characters."""

    @abstractmethod
    def connect(self) -> Target:
        """A connector of its own, as a new process would have it."""

    @abstractmethod
    def fields(self) -> Mapping[str, Value]:
        """Fields of a record that the vendor accepts, different at each call, ``text_field`` included."""

    @abstractmethod
    def refused_fields(self) -> Mapping[str, Value]:
        """Fields of a record that the vendor refuses although it takes others in the same call."""

    @abstractmethod
    def match(self, fields: Mapping[str, Value]) -> Mapping[str, Sequence[str]]:
        """The exact keys by which a record with these fields is recognised."""

    @abstractmethod
    def count(self) -> int:
        """How many records the object has, by the vendor's own count."""

    @abstractmethod
    def fail_next_write(self) -> None:
        """Make the vendor answer the next write with an error that no documentation knows."""

    def stored(self, text: str) -> str:
        """What the vendor is documented to make of a text."""
        return text.strip()


class TargetContract:
    """One receipt for each action, no record twice, and no record that takes others down."""

    @pytest.fixture
    def system(self) -> TargetSystem:
        """The author's system."""
        raise NotImplementedError

    def test_each_action_gets_one_receipt(self, system: TargetSystem) -> None:
        actions = [_create(system) for _ in range(5)]
        before = system.count()
        receipts = list(system.connect().apply(actions))
        assert sorted(receipt.action_id for receipt in receipts) == sorted(action.action_id for action in actions)
        assert {receipt.outcome for receipt in receipts} == {"created"}
        assert len({receipt.record_id for receipt in receipts} - {None}) == 5
        assert system.count() == before + 5

    def test_no_actions_make_no_receipts(self, system: TargetSystem) -> None:
        assert list(system.connect().apply([])) == []

    def test_the_order_of_actions_does_not_matter(self, system: TargetSystem) -> None:
        actions = [_create(system) for _ in range(5)]
        first = _by_action(system.connect().apply(actions))
        shuffled = random.Random(7).sample(actions, k=5)
        again = _by_action(system.connect().apply(shuffled))
        assert {key: receipt.record_id for key, receipt in first.items()} == {
            key: receipt.record_id for key, receipt in again.items()
        }

    def test_applying_twice_makes_no_second_record(self, system: TargetSystem) -> None:
        actions = [_create(system) for _ in range(3)]
        list(system.connect().apply(actions))
        count = system.count()
        receipts = list(system.connect().apply(actions))
        assert {receipt.outcome for receipt in receipts} <= {"created", "updated"}
        assert system.count() == count

    def test_a_refused_record_does_not_fail_the_others(self, system: TargetSystem) -> None:
        good = [_create(system) for _ in range(4)]
        bad = _create(system, system.refused_fields())
        before = system.count()
        receipts = _by_action(system.connect().apply([*good[:2], bad, *good[2:]]))
        assert receipts[bad.action_id].outcome == "failed"
        assert receipts[bad.action_id].code
        assert {receipts[action.action_id].outcome for action in good} == {"created"}
        assert system.count() == before + 4

    def test_an_update_writes_its_changes_and_nothing_else(self, system: TargetSystem) -> None:
        action = _create(system)
        created = next(iter(system.connect().apply([action])))
        assert created.record_id
        changes = {system.text_field: Change(action.fields[system.text_field], "changed by the contract suite")}
        update = Update("u1", system.object, action.external_id, created.record_id, changes)
        assert list(system.connect().apply([update])) == [Receipt("u1", "updated", created.record_id)]
        (record,) = _found(system, action)
        assert record.fields[system.text_field] == "changed by the contract suite"

    def test_lookup_finds_by_each_key(self, system: TargetSystem) -> None:
        action = _create(system)
        created = next(iter(system.connect().apply([action])))
        assert created.record_id
        wanted = [system.text_field]
        queries = [
            Lookup(system.object, wanted, external_ids=[action.external_id, f"{action.external_id}-none"]),
            Lookup(system.object, wanted, record_ids=[created.record_id]),
            Lookup(system.object, wanted, match=system.match(action.fields)),
        ]
        for query in queries:
            (record,) = system.connect().lookup(query)
            assert (record.record_id, record.external_id) == (created.record_id, action.external_id)
            assert record.fields[system.text_field] == action.fields[system.text_field]
        assert system.connect().lookup(Lookup(system.object, wanted, external_ids=["no-such-record"])) == []

    @pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if len(text) <= 200 and text.strip()])
    def test_hostile_text_is_kept_whole_or_refused(self, system: TargetSystem, name: str) -> None:
        action = _create(system, {**system.fields(), system.text_field: TEXTS[name]})
        (receipt,) = system.connect().apply([action])
        if receipt.outcome == "failed":
            assert receipt.code
        else:
            (record,) = _found(system, action)
            assert record.fields[system.text_field] == system.stored(TEXTS[name])

    def test_an_unknown_error_stops_the_route(self, system: TargetSystem) -> None:
        system.fail_next_write()
        with pytest.raises(TerminalError):
            list(system.connect().apply([_create(system)]))


_numbers = itertools.count(1)


def _create(system: TargetSystem, fields: Mapping[str, Value] | None = None) -> Create:
    number = next(_numbers)
    chosen = system.fields() if fields is None else fields
    return Create(f"a{number}", system.object, f"contract-{number}", dict(chosen))


def _by_action(receipts: Iterable[Receipt]) -> dict[str, Receipt]:
    return {receipt.action_id: receipt for receipt in receipts}


def _found(system: TargetSystem, action: Create) -> list[Record]:
    return system.connect().lookup(Lookup(system.object, [system.text_field], external_ids=[action.external_id]))


class ErrorTableContract:
    """A table in which every rule can be reached, says what to do, and leaves the unknown to a person."""

    rules: ClassVar[Sequence[Rule]]
    vendor: ClassVar[str]

    def test_every_rule_is_reached_and_named_as_it_says(self) -> None:
        for rule in self.rules:
            refusal = Refusal(599 if rule.status is None else rule.status, rule.code or "NOT_IN_THE_TABLE")
            assert next(each for each in self.rules if each.matches(refusal)) is rule
            assert type(classify(refusal, self.rules, self.vendor)) is rule.error

    def test_every_rule_gives_advice(self) -> None:
        assert all(rule.advice for rule in self.rules)

    def test_what_no_rule_knows_is_terminal(self) -> None:
        for refusal in (Refusal(418, "NOT_IN_THE_TABLE"), Refusal(500, ""), Refusal(302, "NOT_IN_THE_TABLE")):
            error = classify(refusal, self.rules, self.vendor)
            assert isinstance(error, TerminalError)
            assert error.code == (refusal.code or "UNKNOWN")

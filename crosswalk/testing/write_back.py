"""What a target must keep that only writes back to records which a source has, and never makes one.

Subclass it like the suites of ``contract``; a target that makes records keeps ``TargetContract`` instead.
"""

import itertools
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence

import pytest

from crosswalk.domain.planning import Change, Create, Receipt, Update
from crosswalk.errors import TerminalError
from crosswalk.ports import Lookup, Target
from crosswalk.testing.hostile import TEXTS

_numbers = itertools.count(1)


class WriteBackSystem(ABC):
    """A vendor's sandbox with one object, as a test may change it."""

    object: str
    text_field: str
    """A writable text field that holds at least 200 characters."""
    refused: tuple[str, str]
    """A field and a value for it that the vendor refuses although it takes others in the same call."""

    @abstractmethod
    def connect(self) -> Target:
        """A connector of its own, as a new process would have it."""

    @abstractmethod
    def add(self, count: int) -> list[str]:
        """Create records as the source's people would; return their ids."""

    @abstractmethod
    def count(self) -> int:
        """How many records the object has, by the vendor's own count."""

    @abstractmethod
    def fail_next_write(self) -> None:
        """Make the vendor answer the next write with an error that no documentation knows."""


class WriteBackContract:
    """One receipt for each action, no record made, and no record that takes others down."""

    @pytest.fixture
    def system(self) -> WriteBackSystem:
        """The author's system."""
        raise NotImplementedError

    def test_each_action_gets_one_receipt_with_the_values_that_the_vendor_has(self, system: WriteBackSystem) -> None:
        actions = [_update(system, key) for key in system.add(5)]
        receipts = {receipt.action_id: receipt for receipt in system.connect().apply(actions)}
        assert set(receipts) == {action.action_id for action in actions}
        for action in actions:
            receipt = receipts[action.action_id]
            assert (receipt.outcome, receipt.record_id) == ("updated", action.record_id)
            assert receipt.values == {system.text_field: action.changes[system.text_field].new}

    def test_no_actions_make_no_receipts(self, system: WriteBackSystem) -> None:
        assert list(system.connect().apply([])) == []

    def test_neither_order_nor_repetition_matters(self, system: WriteBackSystem) -> None:
        keys = system.add(5)
        actions = [_update(system, key) for key in keys]
        list(system.connect().apply(actions))
        receipts = list(system.connect().apply(random.Random(7).sample(actions, k=5)))
        assert sorted(receipt.action_id for receipt in receipts) == sorted(action.action_id for action in actions)
        assert {receipt.outcome for receipt in receipts} == {"updated"}
        assert _texts(system, keys) == [action.changes[system.text_field].new for action in actions]

    def test_a_refused_record_does_not_fail_the_others(self, system: WriteBackSystem) -> None:
        name, value = system.refused
        keys = system.add(5)
        actions = [_update(system, key) for key in keys]
        actions[2] = Update("bad", system.object, keys[2], keys[2], {name: Change(None, value), **actions[2].changes})
        receipts = {receipt.action_id: receipt for receipt in system.connect().apply(actions)}
        assert receipts["bad"].outcome == "failed"
        assert receipts["bad"].code
        assert [receipts[action.action_id].outcome for action in actions].count("updated") == 4

    def test_a_record_that_is_not_there_is_refused_and_not_made(self, system: WriteBackSystem) -> None:
        (key,) = system.add(1)
        before = system.count()
        gone = Update("gone", system.object, key + "9", key + "9", {system.text_field: Change(None, "x")})
        unmade = Create("unmade", system.object, "no-such-record", {system.text_field: "x"})
        receipts = {receipt.action_id: receipt for receipt in system.connect().apply([gone, unmade])}
        assert {receipt.outcome for receipt in receipts.values()} == {"failed"}
        assert all(receipt.code for receipt in receipts.values())
        assert set(receipts) == {"gone", "unmade"}
        assert system.count() == before

    def test_a_record_that_comes_twice_gets_both_in_order(self, system: WriteBackSystem) -> None:
        (key,) = system.add(1)
        actions = [_update(system, key) for _ in range(3)]
        receipts = list(system.connect().apply(actions))
        assert sorted(receipt.action_id for receipt in receipts) == sorted(action.action_id for action in actions)
        assert {receipt.outcome for receipt in receipts} == {"updated"}
        assert _texts(system, [key]) == [actions[-1].changes[system.text_field].new]

    def test_a_value_is_cleared(self, system: WriteBackSystem) -> None:
        (key,) = system.add(1)
        (receipt,) = system.connect().apply([_update(system, key)])
        clearing = Update("clear", system.object, key, key, {system.text_field: Change("x", None)})
        (receipt,) = system.connect().apply([clearing])
        assert receipt == Receipt("clear", "updated", key)
        assert not _texts(system, [key])[0]

    @pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if len(text) <= 200 and text.strip()])
    def test_hostile_text_is_kept_whole_or_refused(self, system: WriteBackSystem, name: str) -> None:
        (key,) = system.add(1)
        action = Update("a", system.object, key, key, {system.text_field: Change(None, TEXTS[name])})
        (receipt,) = system.connect().apply([action])
        if receipt.outcome == "failed":
            assert receipt.code
        else:
            assert receipt.values == {system.text_field: TEXTS[name]}
            assert _texts(system, [key]) == [TEXTS[name]]

    def test_an_unknown_error_stops_the_route(self, system: WriteBackSystem) -> None:
        (key,) = system.add(1)
        system.fail_next_write()
        with pytest.raises(TerminalError):
            list(system.connect().apply([_update(system, key)]))


def _update(system: WriteBackSystem, key: str) -> Update:
    number = next(_numbers)
    return Update(f"a{number}", system.object, key, key, {system.text_field: Change(None, f"text {number}")})


def _texts(system: WriteBackSystem, keys: Sequence[str]) -> list[object]:
    found = system.connect().lookup(Lookup(system.object, [system.text_field], record_ids=keys))
    texts = {record.record_id: record.fields[system.text_field] for record in found}
    return [texts[key] for key in keys]

"""The plan of a push (HND-04): create, update, skip or hold, from what is wanted and what the target has."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain.planning import (
    Change,
    Create,
    Desired,
    Hold,
    Known,
    Planned,
    Record,
    Skip,
    Update,
    as_text,
    learn,
    overruled,
    plan,
    plan_unasked,
    trace,
)

pytestmark = pytest.mark.feature("HND-04")

FIELDS = {"Id__c": "l1", "Email": "jane@mail.example.org", "Status": "Open", "Fit": 70}
WANTED = Desired(
    "a", "Lead", "l1", "l1", FIELDS, {"Email": "fill", "Status": "crm"}, {"Email": "jane@mail.example.org"}
)


def record(id: str = "r1", external_id: str | None = "l1", closed: bool = False, **fields: Any) -> Record:
    return Record("Lead", id, external_id, {**FIELDS, **fields}, closed)


PLANS: list[tuple[str, list[Record], Planned]] = [
    ("nothing there", [], Create("a", "Lead", "l1", FIELDS)),
    ("as wanted", [record()], Skip("a", "Lead", "r1", "UNCHANGED")),
    ("differs where the hub decides", [record(Fit=10)], Update("a", "Lead", "l1", "r1", {"Fit": Change(10, 70)})),
    ("differs where sales decides", [record(Status="Working")], Skip("a", "Lead", "r1", "UNCHANGED")),
    ("has a value that is only filled", [record(Email="other@mail.example.org")], Skip("a", "Lead", "r1", "UNCHANGED")),
    ("empty, to be filled", [record(Email=None)],
     Update("a", "Lead", "l1", "r1", {"Email": Change(None, "jane@mail.example.org")})),
    ("empty text, to be filled", [record(Email="")],
     Update("a", "Lead", "l1", "r1", {"Email": Change("", "jane@mail.example.org")})),
    ("one from before the hub", [record(external_id=None, Id__c=None)],
     Update("a", "Lead", "l1", "r1", {"Id__c": Change(None, "l1")})),
    ("ours beside one from before the hub", [record("r0", None), record()], Skip("a", "Lead", "r1", "UNCHANGED")),
    ("two from before the hub", [record("r0", None), record("r2", None)], Hold("a", "Lead", "CRM_AMBIGUOUS")),
    ("two of ours", [record("r0"), record("r2")], Hold("a", "Lead", "CRM_AMBIGUOUS")),
    ("another lead's", [record(external_id="l9")], Create("a", "Lead", "l1", FIELDS)),
    ("ours, converted", [record(closed=True, Fit=1)], Skip("a", "Lead", "r1", "CRM_RECORD_CLOSED")),
    ("an old one, converted", [record(external_id=None, closed=True)], Create("a", "Lead", "l1", FIELDS)),
    ("one open, one converted", [record("r0", None, closed=True), record(external_id=None, Id__c=None)],
     Update("a", "Lead", "l1", "r1", {"Id__c": Change(None, "l1")})),
]  # fmt: skip


@pytest.mark.parametrize(("found", "planned"), [one[1:] for one in PLANS], ids=[one[0] for one in PLANS])
def test_a_plan(found: list[Record], planned: Planned) -> None:
    assert plan(WANTED, found) == planned


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("x", " x ", True),
        (70.0, 70, True),
        (None, False, True),
        (True, True, True),
        (None, True, False),
        ("2026-11-16T15:00:00.000+0000", "2026-11-16T15:00:00+00:00", True),
        ("2026-11-16T15:00:00.000+0000", "2026-11-16T15:00:01+00:00", False),
        ("70", 70, False),
        ("anything", None, True),  # an empty value of ours never clears what the target has
    ],
)
def test_values_are_compared_as_the_target_stores_them(old: Any, new: Any, same: bool) -> None:
    wanted = Desired("a", "Lead", "l1", "l1", {"F": new})
    assert isinstance(plan(wanted, [Record("Lead", "r1", "l1", {"F": old})]), Skip) is same


VALUES = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", " a ", "b"])
NAMES = st.sampled_from(["A", "B", "C"])
AUTHORITY = st.dictionaries(NAMES, st.sampled_from(["hub", "crm", "fill"]))


def apply(planned: Planned, found: list[Record]) -> list[Record]:
    """What the target holds after a write: it trims text."""

    def kept(value: Any) -> Any:
        return value.strip() if isinstance(value, str) else value

    if isinstance(planned, Create):
        new = {name: kept(value) for name, value in planned.fields.items()}
        return [*found, Record("Lead", "new", planned.external_id, new)]
    if isinstance(planned, Update):
        (old,) = (one for one in found if one.record_id == planned.record_id)
        changed = {**old.fields, **{name: kept(change.new) for name, change in planned.changes.items()}}
        return [*(one for one in found if one is not old), Record("Lead", old.record_id, planned.external_id, changed)]
    return found


@given(
    fields=st.dictionaries(NAMES, VALUES),
    authority=AUTHORITY,
    found=st.lists(
        st.tuples(st.sampled_from([None, "l1", "l9"]), st.dictionaries(NAMES, VALUES), st.booleans()), max_size=3
    ),
)
def test_a_plan_that_was_applied_leaves_nothing_to_do(
    fields: dict[str, Any], authority: dict[str, Any], found: list[tuple[str | None, dict[str, Any], bool]]
) -> None:
    wanted = Desired("a", "Lead", "l1", "l1", {**fields, "Id__c": "l1"}, authority)
    records = [
        Record("Lead", f"r{n}", external, {**values, "Id__c": external}, closed)
        for n, (external, values, closed) in enumerate(found)
    ]
    first = plan(wanted, records)
    second = plan(wanted, apply(first, records))
    if isinstance(first, Hold):
        assert second == first
    else:
        assert isinstance(second, Skip)
    if isinstance(first, Update):
        for name, change in first.changes.items():
            assert change.new is not None
            assert authority.get(name, "hub") != "crm"
            assert authority.get(name, "hub") == "hub" or change.old in (None, "")


# ------------------------------------------------------------------------------------------ what sales does not give up


@pytest.mark.feature("FBK-11")
@pytest.mark.parametrize(
    ("changed", "there", "kept"),
    [
        ((), {"Status": "Working"}, []),
        (("Status",), {"Status": "Working"}, ["Status"]),
        (("Status",), {"Status": " Open "}, []),
        (("Status",), {"Status": ""}, []),
        (("Email",), {"Email": "other@mail.example.org"}, ["Email"]),
        (("Email",), {"Email": None}, []),
        (("Fit",), {"Fit": 10}, []),  # the hub's own: it is written
        (("Status",), {"Status": "New"}, []),  # what the hub itself wanted before
        (("Status",), {"Status": " New\r\n"}, []),
    ],
)
def test_only_what_the_hub_has_changed_is_news(
    changed: tuple[str, ...], there: dict[str, Any], kept: list[str]
) -> None:
    was = {"Status": [trace("New")]}
    wanted = Desired("a", "Lead", "l1", "l1", FIELDS, {"Email": "fill", "Status": "crm"}, changed=changed, was=was)
    assert overruled(wanted, record(**there)) == kept
    assert overruled(wanted, record(external_id=None, **there)) == []


@pytest.mark.feature("FBK-11")
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a", " a ", True),
        (70, 70.0, True),
        (True, "true", True),
        ("line\nline", "line\r\nline", True),
        ("2026-11-16T15:00:00.000+0000", "2026-11-16T15:00:00+00:00", True),
        ("a", "b", False),
        (70, 71, False),
        (None, "", True),
    ],
)
def test_a_value_is_recognised_as_the_target_stores_it(one: Any, other: Any, same: bool) -> None:
    assert (trace(one) == trace(other)) is same


# -------------------------------------------------------------------------------------- what the hub knows of a record

TOLD = Desired("a", "contacts", "7", "l1", {"status": "assigned", "reason": None, "suppressed": False}, record_id="7")
AS_SENT = {"status": "assigned", "suppressed": "false"}


def update(**changes: Change) -> Update:
    return Update("a", "contacts", "7", "7", changes)


UNASKED: list[tuple[str, Known, Planned]] = [
    ("never told", Known(), update(status=Change(None, "assigned"), suppressed=Change(None, False))),
    ("told the same", Known(AS_SENT), Skip("a", "contacts", "7", "UNCHANGED")),
    ("told otherwise", Known({**AS_SENT, "status": "new"}), update(status=Change("new", "assigned"))),
    ("a value of ours to be cleared", Known({**AS_SENT, "reason": "not_now"}), update(reason=Change("not_now", None))),
    ("not taken", Known(AS_SENT, {"status": "customer"}), Skip("a", "contacts", "7", "UNCHANGED")),
    ("not taken, and now another", Known({**AS_SENT, "status": "new"}, {"status": "customer"}),
     update(status=Change(None, "assigned"))),
    ("written by somebody", Known({"suppressed": "false"}, {"status": "mine"}),
     update(status=Change(None, "assigned"))),
    ("emptied by somebody", Known({"suppressed": "false"}, {"status": None}), update(status=Change(None, "assigned"))),
    ("filled by somebody where we have nothing", Known(AS_SENT, {"reason": "mine"}),
     update(reason=Change(None, None))),
    ("as wanted, by somebody", Known({"suppressed": "false"}, {"status": "assigned"}),
     Skip("a", "contacts", "7", "UNCHANGED")),
]  # fmt: skip


@pytest.mark.feature("FBK-06")
@pytest.mark.parametrize(("known", "planned"), [one[1:] for one in UNASKED], ids=[one[0] for one in UNASKED])
def test_a_plan_without_asking(known: Known, planned: Planned) -> None:
    assert plan_unasked(TOLD, known) == planned


@pytest.mark.feature("FBK-11")
@pytest.mark.parametrize("authority", ["crm", "fill"])
def test_what_is_not_ours_to_decide_is_written_once(authority: Any) -> None:
    wanted = Desired("a", "contacts", "7", "l1", {"status": "assigned"}, {"status": authority}, record_id="7")
    assert plan_unasked(wanted, Known()) == update(status=Change(None, "assigned"))
    for known in (Known({"status": "new"}), Known({}, {"status": "mine"})):
        assert isinstance(plan_unasked(wanted, known), Skip)


def test_what_the_target_made_of_it_is_known() -> None:
    write = update(status=Change("new", "assigned"), suppressed=Change(None, False))
    before = Known({"status": "new", "stage": "x"}, {"suppressed": "true", "stage": "y"})
    assert learn(before, write, None) == Known({**AS_SENT, "stage": "x"}, {"stage": "y"})
    echoed = {"status": "customer", "suppressed": "false", "else": "z"}
    assert learn(before, write, echoed) == Known({**AS_SENT, "stage": "x"}, {"stage": "y", "status": "customer"})


@given(
    wanted=st.lists(st.dictionaries(NAMES, VALUES), min_size=1, max_size=4),
    stubborn=st.dictionaries(NAMES, st.sampled_from(["x", None])),
)
def test_nothing_is_told_twice(wanted: list[dict[str, Any]], stubborn: dict[str, Any]) -> None:
    """Whatever a target makes of what it is told, the same wish is no reason to write again."""
    known = Known()
    for fields in wanted:
        desired = Desired("a", "contacts", "7", "l1", fields, record_id="7")
        first = plan_unasked(desired, known)
        if isinstance(first, Update):
            echo = {name: stubborn.get(name, change.new) for name, change in first.changes.items()}
            known = learn(known, first, echo)
        assert isinstance(plan_unasked(desired, known), Skip)
        for name, value in fields.items():
            assert as_text(value) == known.value(name) or name in stubborn

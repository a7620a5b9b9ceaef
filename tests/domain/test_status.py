"""Lead status as a graph (STG-01), the journey stage beside it (STG-02), and the history of both (STG-04)."""

import json
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain.outbound import actions, finish
from crosswalk.domain.status import START, Move, MoveRefused, Side, StatusGraph, move, path, replay
from crosswalk.platform.catalog import Catalog
from tests.domain.handed_off import packages, routed
from tests.domain.leads import NOW

NEEDED = ("lead_type", "owner_id", "reason", "fit_confirmed")
SIDES: list[Side] = ["marketing", "sales"]


@pytest.fixture(scope="module")
def graph(catalog: Catalog) -> StatusGraph:
    return catalog.graph


events = st.lists(st.tuples(st.integers(0, 11), st.sampled_from(SIDES), st.sets(st.sampled_from(NEEDED))), max_size=40)


@pytest.mark.feature("STG-01")
@given(events=events)
def test_random_events_never_leave_the_graph(catalog: Catalog, events: list[tuple[int, Side, set[str]]]) -> None:
    graph, status = catalog.graph, START
    refusals: set[str] = set()
    for index, side, present in events:
        wanted = graph.statuses[index]
        try:
            reached = move(graph, status, wanted, side, present)
        except MoveRefused as refusal:
            refusals.add(refusal.code)
            continue
        allowed = graph.find(status, wanted)
        assert allowed and side in allowed.by and set(allowed.needs) <= present
        status = reached
    assert status in graph.statuses
    assert refusals <= {"TRANSITION_UNKNOWN", "TRANSITION_SIDE", "TRANSITION_FIELDS"}


@pytest.mark.feature("STG-01")
@pytest.mark.parametrize(
    ("old", "new", "side", "present", "code"),
    [
        ("new", "converted", "sales", NEEDED, "TRANSITION_UNKNOWN"),
        ("new", "assigned", "marketing", NEEDED, "TRANSITION_UNKNOWN"),
        ("converted", "new", "marketing", NEEDED, "TRANSITION_UNKNOWN"),
        ("assigned", "accepted", "marketing", NEEDED, "TRANSITION_SIDE"),
        ("new", "marketing_qualified", "sales", NEEDED, "TRANSITION_SIDE"),
        ("connected", "sales_qualified", "sales", (), "TRANSITION_FIELDS"),
        ("assigned", "disqualified", "sales", (), "TRANSITION_FIELDS"),
        ("nowhere", "new", "sales", NEEDED, "TRANSITION_UNKNOWN"),
    ],
)
def test_a_move_that_the_graph_refuses(
    old: str, new: str, side: Side, present: tuple[str, ...], code: str, graph: StatusGraph
) -> None:
    with pytest.raises(MoveRefused, match=code):
        move(graph, old, new, side, present)


@pytest.mark.feature("STG-01")
def test_every_status_can_be_reached_from_new(graph: StatusGraph) -> None:
    reached = {START}
    for _ in graph.statuses:
        reached |= {one.new for one in graph.transitions if one.old in reached}
    assert reached == set(graph.statuses)


@pytest.mark.feature("STG-01", "QUA-01")
@pytest.mark.parametrize(
    ("old", "new", "chain"),
    [
        ("new", "assigned", ["marketing_qualified", "assigned"]),
        ("new", "disqualified", ["disqualified"]),
        ("nurturing", "assigned", ["marketing_qualified", "assigned"]),
        ("assigned", "assigned", []),
        ("assigned", "marketing_qualified", ["marketing_qualified"]),  # withdrawn, while sales has not been told
        ("assigned", "nurturing", ["marketing_qualified", "nurturing"]),
        ("accepted", "nurturing", None),
        ("recycled", "assigned", ["marketing_qualified", "assigned"]),
        ("disqualified", "assigned", ["new", "marketing_qualified", "assigned"]),
        ("converted", "assigned", None),
        ("marketing_qualified", "sales_qualified", None),  # only sales confirms fit
    ],
)
def test_the_way_that_marketing_may_go(old: str, new: str, chain: list[str] | None, graph: StatusGraph) -> None:
    assert path(graph, old, new, "marketing", ("lead_type", "owner_id", "reason")) == chain


@pytest.mark.feature("STG-01")
def test_a_chain_is_made_of_moves(graph: StatusGraph) -> None:
    for old in graph.statuses:
        for new in graph.statuses:
            for side in SIDES:
                now, chain = old, path(graph, old, new, side, NEEDED) or []
                for one in chain:
                    now = move(graph, now, one, side, NEEDED)
                assert now in {old, new}
                assert not {"disqualified", "recycled"} & set(chain[:-1])  # not by ending it and beginning again


@pytest.mark.feature("QUA-01")
def test_fit_is_confirmed_by_sales_alone(graph: StatusGraph) -> None:
    confirming = [one for one in graph.transitions if one.new == "sales_qualified"]
    assert [(one.by, one.needs) for one in confirming] == [(("sales",), ("fit_confirmed",))]


# ------------------------------------------------------------------------------------------------ outside and back


@pytest.mark.feature("STG-02")
@pytest.mark.parametrize("axis", ["stage", "status"])
def test_every_code_comes_back_from_the_crm_as_it_went(axis: str, catalog: Catalog) -> None:
    """Through the hub's own field: the CRM's native values are fewer."""
    codes = catalog.codes[axis]
    ready = routed(catalog, *[{"lead_id": f"l{n}", "urgency": "urgent"} for n in range(len(codes.codes))])
    ready = ready.with_columns(pl.Series(axis, list(codes.codes)))
    target = catalog.targets["salesforce", "Lead"]
    name = next(name for name, spec in target.fields.items() if spec.field == axis and spec.create)
    frame = actions(finish(packages(catalog, ready, NOW)), [target], catalog.codes, catalog.owners, {"Lead": 2})
    sent = [json.loads(desired)["fields"][name] for desired in frame["desired"]]
    told = codes.native["salesforce"] if target.fields[name].native else {code: code for code in codes.codes}
    back = {value: code for code, value in told.items()}
    assert [back[value] for value in sent] == list(codes.codes)


# ------------------------------------------------------------------------------------------------------- history


@pytest.mark.feature("STG-04")
@given(events=events)
def test_replaying_the_history_rebuilds_the_present(catalog: Catalog, events: list[tuple[int, Side, set[str]]]) -> None:
    graph, status = catalog.graph, START
    history = [
        Move("status", None, START, NOW, "hub", "", "", "1"),
        Move("stage", None, "awareness", NOW, "hub", "", "", "1"),
    ]
    for minutes, (index, side, present) in enumerate(events):
        for one in path(graph, status, graph.statuses[index], side, present) or []:
            history.append(Move("status", status, one, NOW + timedelta(minutes=minutes), side, "r", "", "1"))
            status = one
    assert replay(history) == {"status": status, "stage": "awareness"}


@pytest.mark.feature("STG-04")
def test_a_history_with_a_gap_is_not_believed() -> None:
    first = Move("status", None, "new", NOW, "hub", "", "", "1")
    third = Move("status", "assigned", "accepted", NOW, "sales", "", "", "1")
    with pytest.raises(MoveRefused, match="HISTORY_BROKEN"):
        replay([first, third])

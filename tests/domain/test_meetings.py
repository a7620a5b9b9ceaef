"""A meeting that was moved is one meeting, however many entries of the calendar it took (FBK-05)."""

from datetime import timedelta
from itertools import groupby

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain import meetings
from tests.domain.leads import NOW

CODES = ("scheduled", "completed", "rescheduled", "no_show", "canceled")


def calendar(*entries: tuple[str, str]) -> pl.DataFrame:
    """Entries of a calendar, day after day: lead and outcome."""
    rows = [
        {"lead_id": lead, "record_id": f"m{day:03}", "code": code, "at": NOW + timedelta(days=day)}
        for day, (lead, code) in enumerate(entries)
    ]
    schema = {"lead_id": pl.String, "record_id": pl.String, "code": pl.String, "at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(rows, schema=schema)


@pytest.mark.feature("FBK-05")
def test_a_chain_of_three_counts_once() -> None:
    moved = calendar(("a", "rescheduled"), ("a", "rescheduled"), ("a", "completed"))
    assert meetings.count(moved) == {"events": 3, "chains": 1, "by_outcome": {"completed": 1}}
    assert meetings.chains(moved)["chain"].to_list() == ["m000"] * 3


@pytest.mark.feature("FBK-05")
@pytest.mark.parametrize(
    ("entries", "chains", "by_outcome"),
    [
        ((), 0, {}),
        ((("a", "no_show"), ("a", "completed")), 2, {"completed": 1, "no_show": 1}),
        ((("a", "rescheduled"), ("b", "completed")), 2, {"completed": 1, "rescheduled": 1}),
        ((("a", "rescheduled"), ("b", "canceled"), ("a", "scheduled")), 2, {"canceled": 1, "scheduled": 1}),
        ((("a", "rescheduled"), ("a", "no_show"), ("a", "rescheduled"), ("a", "completed")), 2,
         {"completed": 1, "no_show": 1}),
    ],
)  # fmt: skip
def test_what_counts_together(entries: tuple[tuple[str, str], ...], chains: int, by_outcome: dict[str, int]) -> None:
    counted = meetings.count(calendar(*entries))
    assert (counted["chains"], counted["by_outcome"]) == (chains, by_outcome)


@pytest.mark.feature("FBK-05")
@given(
    entries=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(CODES)), max_size=20),
    order=st.randoms(use_true_random=False),
)
def test_every_meeting_is_in_one_chain_that_was_moved_but_for_its_end(
    entries: list[tuple[str, str]], order: object
) -> None:
    frame = calendar(*entries)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=order.randint(0, 99))  # type: ignore[attr-defined]  # hypothesis gives a Random
    chained = meetings.chains(shuffled)
    assert meetings.chains(frame).equals(chained), "the order of rows is nobody's business"
    rows = chained.select("lead_id", "chain", "code").rows()
    groups = [[code for *_, code in group] for _, group in groupby(rows, key=lambda row: row[:2])]
    assert sum(map(len, groups)) == len(entries)
    assert len(groups) == chained["chain"].n_unique()
    for group in groups:
        assert set(group[:-1]) <= {"rescheduled"}
    open_ends = sum(group[-1] == "rescheduled" for group in groups)
    assert open_ends <= len({lead for lead, _ in entries}), "only a lead's last meeting can wait for its next"

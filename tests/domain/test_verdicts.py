"""Conservation (DQ-05): what enters a step leaves it exactly once, and the next step takes in what it handed on."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain.schema import VERDICTS, empty
from crosswalk.domain.verdicts import Counts, verdicts
from crosswalk.errors import ConservationError
from crosswalk.pipeline.trail import NOTHING_REFUSED, STEPS, Trail

pytestmark = pytest.mark.feature("DQ-05")

RESULTS = ("quarantined", "held", "skipped", "rejected")
INGEST = [name for pipe, name, _ in STEPS if pipe == "ingest"]


def units(*names: int) -> pl.DataFrame:
    return pl.DataFrame({"unit": [f"u{name}" for name in names]}, schema={"unit": pl.String})


def refused(**by_unit: str) -> pl.DataFrame:
    parts = [
        verdicts(pl.DataFrame({"unit": [unit], "reason": ["BECAUSE"]}), result)  # type: ignore[arg-type]
        for unit, result in by_unit.items()
    ]
    return pl.concat([empty(VERDICTS), *parts])


FATES = st.lists(st.tuples(*[st.sampled_from([None] * 6 + list(RESULTS))] * len(INGEST)), max_size=12)


@given(fates=FATES)
def test_every_unit_ends_once(fates: list[tuple[str | None, ...]]) -> None:
    """Each unit is refused where its fate says so first; the trail adds up at every step."""
    trail, frame = Trail(), units(*range(len(fates)))
    for position, name in enumerate(INGEST):
        told = {unit: fates[int(unit[1:])][position] for unit in frame["unit"]}
        frame = trail.step(name, frame, refused(**{unit: result for unit, result in told.items() if result}))
    ended = pl.concat([NOTHING_REFUSED, *(one for _, one in trail.verdicts)])
    assert ended["unit"].is_unique().all()
    assert ended.height + frame.height == len(fates)
    for unit in frame["unit"]:
        assert not any(fates[int(unit[1:])])
    assert all(counts.conserved for counts in trail.counts.values())
    steps = [trail.counts[name] for name in INGEST]
    assert all(left.emitted == right.n_in for left, right in pairwise(steps))


def test_a_unit_that_got_lost_is_noticed() -> None:
    trail = Trail()
    trail.step("land", units(1, 2, 3), NOTHING_REFUSED)
    with pytest.raises(ConservationError, match="step screen: 2 units entered, 3 were emitted"):
        trail.step("screen", units(1, 2), NOTHING_REFUSED)


def test_a_unit_that_came_in_twice_is_noticed() -> None:
    with pytest.raises(ConservationError, match="step land"):
        Trail().step("land", units(1, 1), NOTHING_REFUSED)


def test_a_unit_that_was_judged_twice_is_noticed() -> None:
    twice = pl.concat([refused(u1="held"), refused(u1="rejected")])
    with pytest.raises(ConservationError, match="step land: a unit was judged more than once"):
        Trail().step("land", units(1, 2), twice)


def test_a_verdict_on_nobody_is_noticed() -> None:
    with pytest.raises(ConservationError, match="step land: a verdict names a unit that never entered"):
        Trail().step("land", units(1), refused(u9="held"))


def test_a_fan_out_is_said() -> None:
    trail = Trail()
    trail.step("hand_off", units(1, 2), NOTHING_REFUSED, emitted=4)
    trail.step("gate_handed_off", units(1, 2, 3, 4), NOTHING_REFUSED)
    assert trail.counts["hand_off"] == Counts(n_in=2, passed=2, emitted=4)


@given(parts=st.lists(st.tuples(*[st.integers(0, 9)] * 5), max_size=5))
def test_batches_add_up(parts: list[tuple[int, int, int, int, int]]) -> None:
    batches = [Counts(sum(part), *part, emitted=part[0]) for part in parts]
    total = sum(batches, Counts())
    assert total.conserved and total.n_in == sum(map(sum, parts))
    assert not (total + Counts(n_in=1)).conserved

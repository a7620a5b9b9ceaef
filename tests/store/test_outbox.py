"""The outbox: nothing twice, nothing lost, whoever dies when."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from crosswalk.store import outbox, tables
from crosswalk.store.hub import Hub

MINUTE = timedelta(minutes=1)
STRINGS = dict.fromkeys(
    ("action_id", "target", "object", "external_id", "lead_id", "depends_on", "desired", "desired_hash"), pl.String
)


def wanted(*actions: str, content: str = "A", name: str = "Lead", depends_on: str | None = None) -> pl.DataFrame:
    rows = [
        (action, "salesforce", name, f"x-{action}", "l1", depends_on, f'{{"Company":"{content}"}}', content)
        for action in actions
    ]
    return pl.DataFrame(rows, schema=STRINGS, orient="row")


def settled(action: str, state: str, outcome: str, record_id: str | None = None, sent: str | None = None):
    names = ("action_id", "state", "outcome", "record_id", "sent_hash", "reason")
    row = (action, state, outcome, record_id, sent, None if state == "done" else "WHY")
    return pl.DataFrame([row], schema=dict.fromkeys(names, pl.String), orient="row")


def state(tx, action: str = "a") -> str:
    return outbox.get(tx, pl.Series([action]))["state"].item()


def take(tx, now, limit: int = 10, run_id: str = "r1", name: str = "Lead", seconds: float = 60) -> list[str]:
    return outbox.claim(tx, "salesforce", name, limit, run_id, now, seconds)["action_id"].to_list()


def test_from_desired_to_done_and_nothing_twice(hub: Hub, now) -> None:
    with hub.begin() as tx:
        assert outbox.enqueue(tx, wanted("a"), "r1", now) == 1
        claimed = outbox.claim(tx, "salesforce", "Lead", 10, "r1", now, 60).row(0, named=True)
        assert claimed["desired"] == '{"Company":"A"}'
        assert (claimed["attempts"], claimed["lease_until"], claimed["claimed_by"]) == (1, now + MINUTE, "r1")
        assert outbox.waiting(tx, "salesforce") == {"claimed": 1}
        assert outbox.settle(tx, settled("a", "done", "created", "00Q1", "A"), "r1", now) == 1
        assert state(tx) == "done"
        assert outbox.waiting(tx, "salesforce") == {}
        assert outbox.records(tx, pl.Series(["a", "z"])).rows() == [("a", "00Q1")]
        assert outbox.enqueue(tx, wanted("a"), "r2", now) == 0
        assert take(tx, now) == []
        assert outbox.enqueue(tx, wanted("a", content="B"), "r3", now) == 1
        assert state(tx) == "pending"
        assert outbox.enqueue(tx, wanted("a", content="A"), "r3", now) == 1  # never mind
        assert state(tx) == "done"
        assert outbox.of_leads(tx, pl.Series(["l1"]))["record_id"].to_list() == ["00Q1"]


@pytest.mark.parametrize("ended", ["held", "failed"])
def test_what_was_held_or_failed_is_tried_again(hub: Hub, now, ended: str) -> None:
    with hub.begin() as tx:
        outbox.enqueue(tx, wanted("a"), "r1", now)
        take(tx, now)
        outbox.settle(tx, settled("a", ended, ended), "r1", now)
        row = outbox.get(tx, pl.Series(["a"])).row(0, named=True)
        assert (row["state"], row["reason"], row["attempts"], row["sent_hash"]) == (ended, "WHY", 1, None)
        assert outbox.waiting(tx, "salesforce") == {ended: 1}
        assert take(tx, now) == []
        assert outbox.enqueue(tx, wanted("a"), "r2", now) == 1
        assert take(tx, now) == ["a"]
        assert outbox.get(tx, pl.Series(["a"]))["attempts"].item() == 2


def test_a_change_while_it_is_written_is_not_lost(hub: Hub, now) -> None:
    with hub.begin() as tx:
        outbox.enqueue(tx, wanted("a"), "r1", now)
        take(tx, now)
        outbox.enqueue(tx, wanted("a", content="B"), "r2", now)
        assert state(tx) == "claimed"
        outbox.settle(tx, settled("a", "done", "created", "00Q1"), "r1", now)
        row = outbox.get(tx, pl.Series(["a"])).row(0, named=True)
        assert (row["state"], row["sent_hash"], row["desired_hash"]) == ("pending", "A", "B")
        take(tx, now)
        outbox.settle(tx, settled("a", "failed", "failed"), "r1", now)
        assert state(tx) == "failed"


def test_content_in_doubt_is_looked_up_again(hub: Hub, now) -> None:
    """A run that died may have written B: wanting A again is not done before the target has been asked."""
    with hub.begin() as tx:
        outbox.enqueue(tx, wanted("a"), "r1", now)
        take(tx, now)
        outbox.settle(tx, settled("a", "done", "created", "00Q1", "A"), "r1", now)
        outbox.enqueue(tx, wanted("a", content="B"), "dead", now)
        take(tx, now, run_id="dead")
        assert outbox.release_claims(tx, "r2") == 1
        outbox.enqueue(tx, wanted("a", content="A"), "r2", now)
        assert state(tx) == "pending"


def test_claims_of_the_dead_are_freed_and_leases_pass(hub: Hub, now) -> None:
    with hub.begin() as tx:
        outbox.enqueue(tx, wanted("a", "b"), "r1", now)
        assert take(tx, now, limit=1, run_id="dead") == ["a"]
        assert take(tx, now, limit=1, run_id="mine") == ["b"]
        assert take(tx, now + MINUTE - timedelta(seconds=1), run_id="mine") == []
        assert outbox.release_claims(tx, "mine") == 1
        assert take(tx, now, run_id="mine") == ["a"]
        assert take(tx, now + MINUTE, run_id="late") == ["a", "b"]
        assert outbox.settle(tx, settled("a", "done", "created", "00Q1"), "mine", now) == 0  # too late
        assert outbox.release_claims(tx, None) == 2


def test_a_run_gives_back_what_it_could_not_deliver(hub: Hub, now) -> None:
    with hub.begin() as tx:
        outbox.enqueue(tx, wanted("a", "b", "c"), "r1", now)
        assert take(tx, now, limit=2, run_id="mine") == ["a", "b"]
        assert take(tx, now, run_id="other") == ["c"]
        outbox.settle(tx, settled("a", "done", "created", "00Q1"), "mine", now)
        assert outbox.give_back(tx, "mine") == 1
        assert [state(tx, action) for action in "abc"] == ["done", "pending", "claimed"]


def test_oldest_first_and_what_it_depends_on_before(hub: Hub, now) -> None:
    with hub.begin() as tx:
        outbox.enqueue(tx, wanted("c", "b"), "r1", now + MINUTE)
        outbox.enqueue(tx, wanted("z"), "r1", now)
        outbox.enqueue(tx, wanted("t", name="Task", depends_on="z"), "r1", now)
        outbox.enqueue(tx, wanted("u", name="Task", depends_on="nothing"), "r1", now)
        assert take(tx, now, name="Task") == []
        assert take(tx, now, limit=2) == ["z", "b"]
        assert take(tx, now, name="Task") == []
        outbox.settle(tx, settled("z", "done", "created", "00Q1"), "r1", now)
        assert take(tx, now, name="Task") == ["t"]
        assert take(tx, now) == ["c"]
        assert outbox.claim(tx, "hubspot", "Lead", 10, "r1", now, 60).is_empty()


def test_what_depends_on_a_failure_is_freed_when_that_is_mended(hub: Hub, now) -> None:
    with hub.begin() as tx:
        outbox.enqueue(tx, wanted("z"), "r1", now)
        outbox.enqueue(tx, wanted("t", name="Task", depends_on="z"), "r1", now)
        take(tx, now)
        outbox.settle(tx, settled("z", "failed", "failed"), "r1", now)
        assert take(tx, now, name="Task") == ["t"]  # its parent has an answer: the run can say why it waits
        outbox.settle(tx, settled("t", "held", "held"), "r1", now)
        assert outbox.free_dependants(tx, "WHY") == 0
        outbox.enqueue(tx, wanted("z"), "r2", now)
        assert outbox.free_dependants(tx, "WHY") == 0
        take(tx, now)
        outbox.settle(tx, settled("z", "done", "created", "00Q1"), "r1", now)
        assert outbox.free_dependants(tx, "ANOTHER") == 0
        assert outbox.free_dependants(tx, "WHY") == 1
        assert take(tx, now, name="Task") == ["t"]


def receipt(action: str, outcome: str, code: str | None = None, fields: list[str] | None = None) -> pl.DataFrame:
    names = {**dict.fromkeys(("action_id", "outcome", "record_id", "code"), pl.String), "fields": pl.List(pl.String)}
    return pl.DataFrame([(action, outcome, None, code, fields)], schema=names, orient="row")


def test_what_a_run_has_written(hub: Hub, now) -> None:
    with hub.begin() as tx:
        outbox.enqueue(tx, wanted("a", "b", "c", "d"), "r1", now)
        outbox.enqueue(tx, wanted("t", name="Task"), "r1", now)
        take(tx, now)
        take(tx, now, name="Task")
        outbox.receipts(tx, receipt("a", "failed", "UNABLE_TO_LOCK_ROW"), "r1", now)
        for action, outcome, fields in (("a", "created", []), ("b", "failed", ["Email"]), ("t", "updated", None)):
            outbox.receipts(tx, receipt(action, outcome, fields=fields), "r1", now)
        ends = (("a", "done", "created"), ("b", "failed", "failed"), ("c", "done", "unchanged"), ("d", "held", "held"))
        for action, ended, outcome in (*ends, ("t", "done", "updated")):
            outbox.settle(tx, settled(action, ended, outcome), "r1", now)
        assert outbox.written(tx, "r1") == {
            "salesforce": {
                "Lead": {"created": 1, "updated": 0, "unchanged": 1, "failed": 1},
                "Task": {"created": 0, "updated": 1, "unchanged": 0, "failed": 0},
            }
        }
        assert outbox.written(tx, "r2") == {}


def test_two_workers_never_get_the_same_action(postgres_url: str, now) -> None:
    one, two = Hub.open(postgres_url), Hub.open(postgres_url)
    names = [f"a{n:03}" for n in range(100)]
    with one.begin() as tx:
        outbox.enqueue(tx, wanted(*names), "r1", now)
        take(tx, now, limit=10, run_id="dead", seconds=0)
    with one.begin() as first, two.begin() as second:  # both open: neither sees the other's commit, nor waits for it
        mine, yours = take(first, now, limit=30, run_id="one"), take(second, now, limit=60, run_id="two")
    assert (len(mine), len(yours)) == (30, 60)
    assert mine == names[:30]
    assert not set(mine) & set(yours)
    with one.begin() as tx:
        assert outbox.waiting(tx, "salesforce") == {"claimed": 90, "pending": 10}
    one.close()
    two.close()


class Model:
    """What the outbox must be like, for one action: the target's content and what we know of it."""

    def __init__(self) -> None:
        self.wanted: str | None = None
        self.target: str | None = None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("want"), st.sampled_from("ABC")),
        st.tuples(st.sampled_from(["work", "fail", "hold", "die before", "die after"]), st.just("")),
    ),
    max_size=12,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_the_target_ends_as_desired(sqlite_hub: Hub, now, steps: list[tuple[str, str]]) -> None:
    live_through(sqlite_hub, now, steps)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_on_postgresql(postgres_hub: Hub, now, steps: list[tuple[str, str]]) -> None:
    live_through(postgres_hub, now, steps)


def live_through(hub: Hub, now, steps: list[tuple[str, str]]) -> None:
    """The action is done only if the target has what is wanted; repeating a call changes nothing."""
    model = Model()
    with hub.begin() as tx:
        tx.execute(delete(tables.outbox))
        for number, (step, content) in enumerate([*steps, ("want", "Z"), ("work", "")]):
            run_id = f"r{number}"
            if step == "want":
                model.wanted = content
                outbox.enqueue(tx, wanted("a", content=content), run_id, now)
                before = outbox.get(tx, pl.Series(["a"]))
                assert outbox.enqueue(tx, wanted("a", content=content), run_id, now) == 0
                assert outbox.get(tx, pl.Series(["a"])).equals(before)
            else:
                deliver(tx, model, step, run_id, now)
            known = outbox.get(tx, pl.Series(["a"]))
            if not known.is_empty() and known["state"].item() == "done":
                assert model.target == model.wanted == known["sent_hash"].item()
    assert model.target == "Z"


def deliver(tx, model: Model, step: str, run_id: str, now) -> None:
    outbox.release_claims(tx, run_id)
    claimed = outbox.claim(tx, "salesforce", "Lead", 10, run_id, now, 60)
    if claimed.is_empty():
        return
    if step in {"work", "die after"}:
        model.target = claimed["desired_hash"].item()
    if step.startswith("die"):
        return
    ends = {"work": ("done", "updated"), "fail": ("failed", "failed"), "hold": ("held", "held")}
    frame = settled("a", *ends[step])
    assert outbox.settle(tx, frame, run_id, now) == 1
    before = outbox.get(tx, pl.Series(["a"]))
    assert outbox.settle(tx, frame, run_id, now) == 0
    assert outbox.get(tx, pl.Series(["a"])).equals(before)

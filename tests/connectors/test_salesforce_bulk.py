"""Bulk 2.0 against the sandbox: every action gets its receipt, whatever happens to the job."""

import csv
import io
from collections.abc import Iterable

import orjson
import pytest

from crosswalk.domain.planning import Receipt, Write
from crosswalk.errors import SchemaDrift, TerminalError, TransientError
from tests.connectors.salesforce_wire import Org
from tests.way import Fault

HIDDEN_FIELD = "INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create/update fields: City:City --"
BUSY = [{"errorCode": "SERVER_UNAVAILABLE", "message": "try later"}]


def by_action(receipts: Iterable[Receipt], actions: list[Write]) -> dict[str, Receipt]:
    """Receipts by action, after the one law: exactly one for each."""
    found = list(receipts)
    assert sorted(one.action_id for one in found) == sorted(one.action_id for one in actions)
    return {one.action_id: one for one in found}


def without(*external_ids: str, column: str = "Crosswalk_Id__c") -> "Rewrite":
    return Rewrite(set(external_ids), column)


class Rewrite:
    """Takes rows out of a result file."""

    def __init__(self, dropped: set[str], column: str) -> None:
        self._dropped, self._column = dropped, column

    def __call__(self, body: bytes) -> bytes:
        rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
        at = rows[0].index(self._column)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(row for row in rows if row[at] not in self._dropped)
        return text.getvalue().encode()


def test_many_creates_take_one_job(org: Org) -> None:
    actions: list[Write] = [org.create(Phone=None, HasOptedOutOfEmail=True) for _ in range(2500)]
    actions[10] = org.create(Email="nobody at example")
    receipts = by_action(org.target().apply(actions), actions)
    bad = receipts.pop(actions[10].action_id)
    assert (bad.outcome, bad.code, bad.fields) == ("failed", "INVALID_EMAIL_ADDRESS", ("Email",))
    assert {one.outcome for one in receipts.values()} == {"created"}
    held = org.by_external_id()
    for action in actions:
        if action.action_id in receipts:
            assert receipts[action.action_id].record_id == held[action.external_id]["Id"]
    (order,) = [orjson.loads(one.body) for one in org.way.asked if one.path.endswith("/jobs/ingest")]
    assert order == {
        "object": "Lead",
        "operation": "upsert",
        "externalIdFieldName": "Crosswalk_Id__c",
        "contentType": "CSV",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    assert org.way.count() < 25
    assert all(one["HasOptedOutOfEmail"] is True and one.get("Phone") is None for one in held.values())


def test_many_updates_go_by_record_id(org: Org) -> None:
    creates: list[Write] = [org.create(City="X", Fax="1") for _ in range(60)]
    target = org.target(bulk_threshold=50)
    made = by_action(target.apply(creates), creates)
    updates: list[Write] = [
        org.update(one.external_id, str(made[one.action_id].record_id), Company="New", City="", Fax=None)
        for one in creates
    ]
    receipts = by_action(target.apply(updates), updates)
    assert {one.outcome for one in receipts.values()} == {"updated"}
    held = org.by_external_id().values()
    assert {(one["Company"], one.get("City"), one["Fax"]) for one in held} == {("New", None, "1")}


def test_applying_again_updates_and_makes_no_second_record(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    first = by_action(org.target(bulk_threshold=50).apply(actions), actions)
    again = by_action(org.target(bulk_threshold=50).apply(actions), actions)
    assert {one.outcome for one in again.values()} == {"updated"}
    assert {key: one.record_id for key, one in first.items()} == {key: one.record_id for key, one in again.items()}
    assert len(org.records("Lead")) == 60


def test_large_input_is_cut_into_parts(org: Org) -> None:
    actions: list[Write] = [org.create(Description='a "quoted", long\ntext ' * 10) for _ in range(60)]
    receipts = by_action(org.target(bulk_threshold=50, part_bytes=6_000).apply(actions), actions)
    assert {one.outcome for one in receipts.values()} == {"created"}
    uploads = [one for one in org.way.asked if one.method == "PUT"]
    assert len(uploads) > 2
    assert max(len(one.body) for one in uploads) <= 6_000
    assert len({one.body.split(b"\n")[0] for one in uploads}) == 1


def test_a_busy_vendor_while_polling_does_not_lose_the_job(org: Org) -> None:
    """The vendor's own client aborts the running job at the first 503 and forgets its id."""
    actions: list[Write] = [org.create() for _ in range(60)]
    org.way.faults = [Fault("GET", r"jobs/ingest/\w+$", 503, BUSY, times=11)]
    receipts = by_action(org.target(bulk_threshold=50).apply(actions), actions)
    assert {one.outcome for one in receipts.values()} == {"created"}
    assert org.way.count("POST", "jobs/ingest") == 1
    assert b"Aborted" not in b"".join(one.body for one in org.way.asked)


def test_an_expired_token_while_polling_is_replaced(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    expired = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    org.way.faults = [Fault("GET", r"jobs/ingest/\w+$", 401, expired), Fault("PUT", "batches", 401, expired)]
    assert len(by_action(org.target(bulk_threshold=50).apply(actions), actions)) == 60
    assert org.way.count("POST", "token") == 3


def test_a_job_that_outlives_our_patience_is_found_again(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    target = org.target(bulk_threshold=50, timeout=3.0)
    running = {"id": "750", "state": "InProgress"}
    org.way.faults = [Fault("GET", r"jobs/ingest/\w+$", 200, running, times=99)]
    with pytest.raises(TransientError, match="still runs"):
        list(target.apply(actions))
    assert 3.0 <= sum(org.waited) < 6.0
    assert org.waited == sorted(org.waited)
    org.way.faults = []
    receipts = by_action(target.apply(actions), actions)
    assert {one.outcome for one in receipts.values()} == {"created"}
    assert org.way.count("POST", "jobs/ingest") == org.way.count("PUT") == 1


def test_trouble_with_the_results_goes_on_with_the_same_job(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    target = org.target(bulk_threshold=50)
    org.way.faults = [Fault("GET", "successfulResults", 503, BUSY, times=4)]
    with pytest.raises(TransientError):
        list(target.apply(actions))
    receipts = by_action(target.apply(actions), actions)
    assert {one.outcome for one in receipts.values()} == {"created"}
    assert org.way.count("POST", "jobs/ingest") == 1


def test_an_upload_in_doubt_is_left_open_and_a_new_job_made(org: Org) -> None:
    """A second PUT to one job is refused, so it is never tried."""
    actions: list[Write] = [org.create() for _ in range(60)]
    org.way.faults = [Fault("PUT", "batches", 0, commits=True, hangs_up=True)]
    receipts = by_action(org.target(bulk_threshold=50).apply(actions), actions)
    assert {one.outcome for one in receipts.values()} == {"created"}
    assert org.way.count("POST", "jobs/ingest") == 2
    assert len({one.path for one in org.way.asked if one.method == "PUT"}) == 2


def test_a_job_whose_start_is_in_doubt_is_asked_for_its_state(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    org.way.faults = [Fault("PATCH", r"jobs/ingest/\w+$", 0, commits=True, hangs_up=True)]
    receipts = by_action(org.target(bulk_threshold=50).apply(actions), actions)
    assert {one.outcome for one in receipts.values()} == {"created"}
    assert org.way.count("POST", "jobs/ingest") == 1


def test_rows_that_no_result_names_are_sent_once_more(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    lost = actions[3].external_id
    org.way.faults = [Fault("GET", "successfulResults", 200, commits=True, rewrite=without(lost))]
    receipts = by_action(org.target(bulk_threshold=50).apply(actions), actions)
    assert receipts[actions[3].action_id].outcome == "updated"
    assert org.way.count("POST", "jobs/ingest") == 2
    assert [one.body.count(b"\n") for one in org.way.asked if one.method == "PUT"] == [61, 2]


def test_rows_that_stay_unprocessed_end_with_a_receipt(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    lost = actions[3].external_id
    org.way.faults = [Fault("GET", "successfulResults", 200, commits=True, rewrite=without(lost), times=2)]
    receipts = by_action(org.target(bulk_threshold=50).apply(actions), actions)
    assert receipts[actions[3].action_id] == Receipt(actions[3].action_id, "failed", None, "UNPROCESSED")


def test_rows_that_lost_a_lock_are_sent_again_in_small_batches(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    lost = actions[3].external_id
    locked = (
        f"sf__Id,sf__Error,Crosswalk_Id__c\n,UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--,{lost}\n".encode()
    )
    org.way.faults = [
        Fault("GET", "successfulResults", 200, commits=True, rewrite=without(lost)),
        Fault("GET", "failedResults", 200, locked),
    ]
    receipts = by_action(org.target(bulk_threshold=50).apply(actions), actions)
    assert receipts[actions[3].action_id].outcome == "updated"
    assert org.way.count("POST", "jobs/ingest") == 1
    assert org.way.count("PATCH", "composite") == 1


def test_a_missing_field_fails_the_job_and_is_for_an_admin(org: Org) -> None:
    actions: list[Write] = [org.create(Nope__c="x") for _ in range(60)]
    with pytest.raises(SchemaDrift, match=r"Nope__c.*crosswalk setup"):
        list(org.target(bulk_threshold=50).apply(actions))
    assert org.by_external_id() == {}


@pytest.mark.feature("TRK-05")
def test_rows_refused_for_a_field_that_was_taken_away_stop_the_route(org: Org) -> None:
    """The rows that the job wrote have their receipts; the others come again once the field is back."""
    actions: list[Write] = [org.create() for _ in range(60)]
    lost = actions[3].external_id
    refused = f"sf__Id,sf__Error,Crosswalk_Id__c\n,{HIDDEN_FIELD},{lost}\n"
    org.way.faults = [
        Fault("GET", "successfulResults", 200, commits=True, rewrite=without(lost)),
        Fault("GET", "failedResults", 200, refused.encode()),
    ]
    receipts: list[Receipt] = []
    target = org.target(bulk_threshold=50)
    with pytest.raises(SchemaDrift, match=r"City.*crosswalk setup"):
        receipts.extend(target.apply(actions))
    assert len(receipts) == 59
    assert {one.outcome for one in target.apply(actions)} == {"updated"}


def test_before_setup_an_admin_is_told(org: Org) -> None:
    org.control("load", {"scenario": "empty"})
    with pytest.raises(SchemaDrift, match=r"Crosswalk_Id__c.*crosswalk setup"):
        list(org.target(bulk_threshold=2).apply([org.create(), org.create()]))


def test_a_job_that_somebody_aborted_stops_the_route(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    aborted = {"id": "750000000000001AAA", "state": "Aborted"}
    org.way.faults = [
        Fault("GET", r"jobs/ingest/\w+$", 200, aborted),
        Fault("GET", "Results", 200, b"", times=2),
    ]
    with pytest.raises(TerminalError, match="aborted"):
        list(org.target(bulk_threshold=50).apply(actions))


def test_a_failed_job_that_may_pass_is_run_once_more(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    failed = {"id": "750", "state": "Failed", "errorMessage": "InternalServerError : try later"}
    org.way.faults = [
        Fault("GET", r"jobs/ingest/\w+$", 200, failed),
        Fault("GET", "Results", 200, b"", times=2),
    ]
    receipts = by_action(org.target(bulk_threshold=50).apply(actions), actions)
    assert {one.outcome for one in receipts.values()} <= {"created", "updated"}
    assert org.way.count("POST", "jobs/ingest") == 2


def test_a_text_that_would_clear_the_field_takes_another_way(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    actions[5] = org.create(Company="#N/A")
    receipts = by_action(org.target(bulk_threshold=50).apply(actions), actions)
    assert {one.outcome for one in receipts.values()} == {"created"}
    assert org.by_external_id()[actions[5].external_id]["Company"] == "#N/A"
    assert org.way.count("PATCH", "composite") == 1


def test_hostile_texts_survive_csv(org: Org) -> None:
    texts = ['a,"b"', "two\nlines", "semi;colon\ttab", "=1+1", "ünï😀", "' OR '", "\\", '"', "#N/A x", "x\r\ny"]
    actions: list[Write] = [org.create(Description=texts[number % len(texts)]) for number in range(60)]
    by_action(org.target(bulk_threshold=50).apply(actions), actions)
    held = org.by_external_id()
    for number, action in enumerate(actions):
        assert held[action.external_id]["Description"] == texts[number % len(texts)]


def test_polling_starts_short_and_grows(org: Org) -> None:
    actions: list[Write] = [org.create() for _ in range(60)]
    org.way.faults = [Fault("GET", r"jobs/ingest/\w+$", 200, {"state": "InProgress"}, times=30)]
    by_action(org.target(bulk_threshold=50, timeout=1000.0).apply(actions), actions)
    assert org.waited[0] == 0.05
    assert max(org.waited) == 5.0

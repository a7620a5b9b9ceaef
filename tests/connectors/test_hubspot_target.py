"""Telling HubSpot how its leads went, through real HTTP against the sandbox and past canned answers."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest

from connectors.hubspot import writes
from crosswalk.domain.planning import Change, Receipt, Update, Value
from crosswalk.errors import SchemaDrift, TerminalError, TransientError
from crosswalk.ports import Lookup, Target
from crosswalk.testing.write_back import WriteBackContract, WriteBackSystem
from tests.connectors.wire import CannedServer, Portal, Reply, hubspot
from tests.way import Fault, Way

UPDATE = "/crm/v3/objects/contacts/batch/update"
STATUS = {"system": "hubspot", "object": "contacts", "field": "hs_lead_status"}
GATEWAY_429 = {"status": "error", "errorType": "RATE_LIMIT", "policyName": "DAILY"}


@pytest.fixture
def way(portal: Portal) -> Iterator[Way]:
    with Way(portal.url) as way:
        yield way


def target_at(url: str, token: str, **options: Any) -> Target:
    target = hubspot(url, token, **options).target
    assert target
    return target


class ContactSystem(WriteBackSystem):
    object, text_field, refused = "contacts", "city", ("lifecyclestage", "no-such-stage")

    def __init__(self, portal: Portal, way: Way) -> None:
        self.portal, self.way = portal, way

    def connect(self) -> Target:
        return target_at(self.way.url, self.portal.token)

    def add(self, count: int) -> list[str]:
        return self.portal.create(count)

    def count(self) -> int:
        return int(self.portal._post("/crm/v3/objects/contacts/search", {})["total"])

    def fail_next_write(self) -> None:
        self.way.faults = [Fault("POST", UPDATE, 500, {"category": "NEW_CODE_OF_NEXT_YEAR"})]


class TestHubSpotTarget(WriteBackContract):
    @pytest.fixture
    def system(self, portal: Portal, way: Way) -> WriteBackSystem:
        return ContactSystem(portal, way)


def update(key: str, action_id: str = "", **changes: Value | Change) -> Update:
    new = {name: one if isinstance(one, Change) else Change(None, one) for name, one in changes.items()}
    return Update(action_id or f"a{key}", "contacts", key, key, new)


def by_action(receipts: Any) -> dict[str, Receipt]:
    found = list(receipts)
    assert len({one.action_id for one in found}) == len(found)
    return {one.action_id: one for one in found}


def bodies(way: Way) -> list[dict[str, Any]]:
    return [orjson.loads(one.body) for one in way.asked if one.path == UPDATE]


def values(portal: Portal, key: str, *names: str) -> dict[str, Any]:
    (record,) = target_at(portal.url, portal.token).lookup(Lookup("contacts", names, record_ids=[key]))
    return dict(record.fields)


@pytest.mark.feature("FBK-06")
def test_a_thousand_records_take_ten_calls_and_no_question(portal: Portal, way: Way) -> None:
    keys = portal.create(1_000)
    receipts = by_action(target_at(way.url, portal.token).apply([update(key, city="Boston") for key in keys]))
    assert {one.outcome for one in receipts.values()} == {"updated"}
    assert len(receipts) == 1_000
    assert [len(body["inputs"]) for body in bodies(way)] == [100] * 10
    assert len(way.asked) == 10
    for one in receipts.values():
        assert one.values == {"city": "Boston"}
        assert one.at is not None


def test_every_input_carries_its_action_as_trace_id(portal: Portal, way: Way) -> None:
    (key,) = portal.create(1)
    changes: Mapping[str, Value] = {"city": "Boston", "hs_lead_status": None, "address": "", "zip": 2139}
    list(target_at(way.url, portal.token).apply([update(key, "an-action", **changes)]))
    properties = {"city": "Boston", "hs_lead_status": "", "address": "", "zip": "2139"}
    expected = {"inputs": [{"id": key, "objectWriteTraceId": "an-action", "properties": properties}]}
    assert bodies(way) == [expected]


@pytest.mark.parametrize(
    ("value", "sent"), [(True, "true"), (False, "false"), (None, ""), ("2026-11-16", "2026-11-16"), (1.5, "1.5")]
)
def test_values_are_text_on_the_wire(value: Value, sent: str) -> None:
    assert writes.text(value) == sent


def test_the_dated_path_is_used_where_the_connection_says_so(portal: Portal, way: Way) -> None:
    (key,) = portal.create(1)
    target = target_at(way.url, portal.token, api_version="2026-09")
    assert [one.outcome for one in target.apply([update(key, city="Boston")])] == ["updated"]
    assert target.lookup(Lookup("contacts", ["city"], [key]))[0].fields == {"city": "Boston"}
    assert [one.path for one in way.asked] == [
        "/crm/objects/2026-09/contacts/batch/update",
        "/crm/objects/2026-09/contacts/batch/read",
    ]


def test_a_207_says_of_each_record_what_is_wrong(portal: Portal, way: Way) -> None:
    good, bad, gone = portal.create(3)
    portal.archive([gone])
    actions = [
        update(good, city="Boston"),
        update(bad, createdate="2026-01-01", hubspot_owner_id="7"),
        update(gone, city="x"),
    ]
    receipts = by_action(target_at(way.url, portal.token).apply(actions))
    assert receipts[f"a{good}"].outcome == "updated"
    refused = receipts[f"a{bad}"]
    assert (refused.outcome, refused.code) == ("failed", "INVALID_OWNER_ID")
    assert set(refused.fields) == {"createdate", "hubspot_owner_id"}
    assert receipts[f"a{gone}"] == Receipt(f"a{gone}", "failed", gone, "OBJECT_NOT_FOUND", ())
    assert [one.status for one in way.asked] == [207]


def test_answers_are_matched_by_trace_or_id_and_never_by_place(canned: CannedServer) -> None:
    answer = {
        "status": "COMPLETE",
        "results": [
            {"id": "4", "properties": {"city": "D"}},
            {"id": "99", "properties": {"city": "A"}, "objectWriteTraceId": "t1"},
        ],
        "errors": [
            {"category": "OBJECT_NOT_FOUND", "message": "m", "context": {"ids": ["3"]}},
            {"category": "VALIDATION_ERROR", "message": "m", "context": {"objectWriteTraceId": ["t2"]}},
        ],
    }
    canned.replies = [Reply.json(207, answer)]
    actions = [update(key, f"t{key}", city="x") for key in ("1", "2", "3", "4", "5")]
    receipts = by_action(target_at(canned.url, "token").apply(actions))
    assert {key: (one.outcome, one.record_id, one.code) for key, one in receipts.items()} == {
        "t1": ("updated", "99", None),
        "t2": ("failed", "2", "VALIDATION_ERROR"),
        "t3": ("failed", "3", "OBJECT_NOT_FOUND"),
        "t4": ("updated", "4", None),
        "t5": ("failed", "5", "NO_ANSWER"),
    }
    assert receipts["t4"].values == {"city": "D"}


def test_an_error_that_names_nobody_is_told_of_who_was_not_answered(canned: CannedServer) -> None:
    canned.replies = [Reply.json(207, {"results": [{"id": "1"}], "errors": [{"category": "CONFLICT", "message": "m"}]})]
    receipts = by_action(target_at(canned.url, "token").apply([update("1", city="x"), update("2", city="x")]))
    assert (receipts["a1"].outcome, receipts["a2"].code) == ("updated", "CONFLICT")


def test_before_setup_an_admin_is_told_once(portal: Portal, way: Way) -> None:
    keys = portal.create(3)
    actions = [update(keys[0], city="Boston"), *(update(key, crosswalk_none="x") for key in keys[1:])]
    receipts: list[Receipt] = []
    with pytest.raises(SchemaDrift, match=r"crosswalk_none.*crosswalk setup"):
        receipts.extend(target_at(way.url, portal.token).apply(actions))
    assert len(way.asked) == 1


def test_an_option_that_is_gone_refuses_only_the_records_that_have_it(portal: Portal) -> None:
    portal.control("schema", {**STATUS, "change": {"drop_value": "CONNECTED"}})
    kept, lost = portal.create(2)
    actions = [update(kept, hs_lead_status="NEW"), update(lost, hs_lead_status="CONNECTED")]
    receipts = by_action(target_at(portal.url, portal.token).apply(actions))
    assert receipts[f"a{kept}"].outcome == "updated"
    assert receipts[f"a{lost}"] == Receipt(f"a{lost}", "failed", lost, "INVALID_OPTION", ("hs_lead_status",))


def test_one_option_that_spoils_the_whole_call_is_found_by_halving(canned: CannedServer) -> None:
    problem = '[{"isValid":false,"error":"INVALID_OPTION","name":"hs_lead_status"}]'
    refused = {"category": "VALIDATION_ERROR", "message": f"Property values were not valid: {problem}"}
    canned.replies = [Reply.json(400, refused)] * 2 + [Reply.json(200, {"results": [{"id": "2"}]})]
    receipts = by_action(target_at(canned.url, "token").apply([update(key, hs_lead_status="x") for key in "12"]))
    assert (receipts["a1"].code, receipts["a2"].outcome) == ("INVALID_OPTION", "updated")


def test_one_record_that_spoils_the_whole_call_is_found_by_halving(canned: CannedServer) -> None:
    """From 2026-09 on a batch may know no partial success."""
    refused = Reply.json(400, {"category": "VALIDATION_ERROR", "message": "m"})
    answers = [Reply.json(200, {"results": [{"id": key}]}) for key in ("2", "3", "4")]
    canned.replies = [refused, refused, refused, answers[0], Reply.json(200, {"results": [{"id": "3"}, {"id": "4"}]})]
    receipts = by_action(target_at(canned.url, "token").apply([update(key, city="x") for key in "1234"]))
    assert (receipts["a1"].outcome, receipts["a1"].code) == ("failed", "VALIDATION_ERROR")
    assert {receipts[f"a{key}"].outcome for key in "234"} == {"updated"}
    assert [len(body["inputs"]) for _, _, body in canned.asked] == [4, 2, 1, 1, 2]


def test_a_stage_goes_back_by_way_of_none(portal: Portal, way: Way) -> None:
    back, forward, unknown = portal.create(3, lifecyclestage="opportunity")
    actions = [
        update(back, lifecyclestage=Change("opportunity", "lead"), city="Boston"),
        update(forward, lifecyclestage=Change("opportunity", "customer")),
        update(unknown, lifecyclestage=Change(None, "lead")),
    ]
    receipts = by_action(target_at(way.url, portal.token).apply(actions))
    assert receipts[f"a{back}"].values == {"lifecyclestage": "lead", "city": "Boston"}
    assert receipts[f"a{forward}"].values == {"lifecyclestage": "customer"}
    assert receipts[f"a{unknown}"].values == {"lifecyclestage": "opportunity"}  # HubSpot keeps it, and says so
    clear, write = bodies(way)
    assert [(one["id"], one["properties"]) for one in clear["inputs"]] == [(back, {"lifecyclestage": ""})]
    assert len(write["inputs"]) == 3


def test_what_was_answered_gets_its_receipt_before_trouble_is_raised(portal: Portal, way: Way) -> None:
    keys = portal.create(500)
    way.faults = [Fault("POST", UPDATE, 429, GATEWAY_429, times=2)]
    receipts: list[Receipt] = []
    with pytest.raises(TransientError, match="today"):
        receipts.extend(target_at(way.url, portal.token).apply([update(key, city="Boston") for key in keys]))
    assert len(by_action(receipts)) == 100 * sum(one.status == 200 for one in way.asked)
    again = by_action(target_at(way.url, portal.token).apply([update(key, city="Boston") for key in keys]))
    assert len(again) == 500


def test_a_burst_that_is_refused_is_waited_for(portal: Portal, way: Way) -> None:
    keys = portal.create(300)
    busy = {**GATEWAY_429, "policyName": "TEN_SECONDLY_ROLLING"}
    way.faults = [Fault("POST", UPDATE, 429, busy, {"Retry-After": "0"}, times=2)]
    receipts = by_action(target_at(way.url, portal.token).apply([update(key, city="Boston") for key in keys]))
    assert len(receipts) == 300
    assert len(way.asked) == 5


def test_a_token_that_is_refused_stops_the_route_and_sends_no_more(portal: Portal, way: Way) -> None:
    keys = portal.create(3_000)
    with pytest.raises(TerminalError, match="CROSSWALK_HUBSPOT_TOKEN"):
        list(target_at(way.url, "pat-wrong").apply([update(key, city="Boston") for key in keys]))
    assert len(way.asked) < 30


def test_a_consumer_that_stops_sends_no_more(portal: Portal, way: Way) -> None:
    keys = portal.create(3_000)
    receipts = target_at(way.url, portal.token).apply([update(key, city="Boston") for key in keys])
    next(iter(receipts))
    receipts.close()  # type: ignore[attr-defined]  # a generator is one kind of iterator
    asked = len(way.asked)
    assert asked < 30
    assert len(way.asked) == asked


@pytest.mark.parametrize("body", [b'{"results":{}}', b'{"results":[{"id":7}]}'])
def test_an_unreadable_answer_stops_the_route(canned: CannedServer, body: bytes) -> None:
    canned.replies = [Reply(200, body)]
    with pytest.raises(TerminalError) as raised:
        list(target_at(canned.url, "token").apply([update("1", city="x")]))
    assert raised.value.code == "UNREADABLE_ANSWER"


def test_lookups_go_by_id_a_hundred_a_call(portal: Portal, way: Way) -> None:
    keys = portal.create(150, city="Boston")
    target = target_at(way.url, portal.token)
    found = target.lookup(Lookup("contacts", ["city"], external_ids=[*keys, "no-number"], record_ids=[keys[0], "7"]))
    assert {one.record_id for one in found} == set(keys)
    assert {one.external_id for one in found} == set(keys)
    assert all(one.fields == {"city": "Boston"} for one in found)
    assert len(way.asked) == 2
    assert target.lookup(Lookup("contacts", ["city"])) == []
    with pytest.raises(ValueError, match="ids only"):
        target.lookup(Lookup("contacts", [], match={"email": ["x"]}))

"""Looking up and writing in calls of up to 200, against the sandbox."""

import itertools
from collections.abc import Mapping, Sequence

import orjson
import pytest

from connectors.salesforce.target import SalesforceTarget
from crosswalk.domain.planning import Create, Desired, Receipt, Update, Value
from crosswalk.domain.planning import plan as compare
from crosswalk.errors import SchemaDrift, TerminalError, TransientError
from crosswalk.ports import Lookup, Target
from crosswalk.testing.contract import TargetContract, TargetSystem
from tests.connectors.salesforce_wire import Org
from tests.way import Fault

BUSY = [{"errorCode": "SERVER_UNAVAILABLE", "message": "try later"}]
LOCKED = {
    "success": False,
    "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}],
}


class LeadSystem(TargetSystem):
    object = "Lead"
    text_field = "Company"

    def __init__(self, org: Org) -> None:
        self.org = org

    def connect(self) -> Target:
        return self.org.target()

    def fields(self) -> Mapping[str, Value]:
        return self.org.create().fields

    def refused_fields(self) -> Mapping[str, Value]:
        return {**self.fields(), "Email": "not an address"}

    def match(self, fields: Mapping[str, Value]) -> Mapping[str, Sequence[str]]:
        return {"Email": [str(fields["Email"])]}

    def count(self) -> int:
        return len([one for one in self.org.records("Lead") if not one.get("IsDeleted")])

    def fail_next_write(self) -> None:
        body = [{"errorCode": "NEW_CODE_OF_NEXT_YEAR", "message": "?"}]
        self.org.way.faults = [Fault("PATCH", "composite", 400, body)]


class TestLeads(TargetContract):
    @pytest.fixture
    def system(self, org: Org) -> TargetSystem:
        return LeadSystem(org)


def test_a_batch_of_450_takes_three_calls(org: Org) -> None:
    receipts = list(org.target().apply([org.create() for _ in range(450)]))
    assert {one.outcome for one in receipts} == {"created"}
    assert org.way.count("PATCH") == 3
    assert len(org.way.asked) == 4
    assert all(one.headers["Sforce-Auto-Assign"] == "FALSE" for one in org.way.asked if one.method == "PATCH")
    assert not any(orjson.loads(one.body)["allOrNone"] for one in org.way.asked if one.method == "PATCH")
    assert len(org.by_external_id()) == 450


def test_one_bad_row_among_200_fails_alone(org: Org) -> None:
    actions = [org.create() for _ in range(200)]
    actions[77] = org.create(Email="nobody at example")
    receipts = list(org.target().apply(actions))
    (bad,) = [one for one in receipts if one.outcome == "failed"]
    assert bad == Receipt(actions[77].action_id, "failed", None, "INVALID_EMAIL_ADDRESS", ("Email",))
    assert len(receipts) == 200
    assert len(org.by_external_id()) == 199
    assert org.way.count("PATCH") == 1


@pytest.mark.parametrize(
    ("fields", "code", "names"),
    [
        ({"LastName": None}, "REQUIRED_FIELD_MISSING", ("LastName",)),
        ({"FirstName": "x" * 41}, "STRING_TOO_LONG", ("FirstName",)),
        ({"Status": "Nope"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ("Status",)),
        ({"OwnerId": "00Q000000000001AAA"}, None, None),
    ],
)
def test_a_refused_row_is_never_cut_or_dropped(
    org: Org, fields: dict[str, Value], code: str | None, names: tuple[str, ...] | None
) -> None:
    good, bad = org.create(), org.create(**fields)
    receipts = {one.action_id: one for one in org.target().apply([good, bad])}
    assert receipts[good.action_id].outcome == "created"
    assert receipts[bad.action_id].outcome == "failed"
    if code:
        assert receipts[bad.action_id].code == code
    if names:
        assert receipts[bad.action_id].fields == names
    assert set(org.by_external_id()) == {good.external_id}


@pytest.mark.feature("TRK-05")
def test_a_field_that_is_not_there_stops_the_route_and_is_named(org: Org) -> None:
    """What else was in the call is written and has its receipt; nothing more is sent."""
    good, bad = org.create(), org.create(Nope__c="x")
    receipts: list[Receipt] = []
    with pytest.raises(SchemaDrift, match=r"Nope__c.*crosswalk setup") as stopped:
        receipts.extend(org.target().apply([bad, *(org.create() for _ in range(199)), good]))
    assert stopped.value.code == "SCHEMA_DRIFT"
    assert {one.outcome for one in receipts} == {"created"}
    assert len(receipts) == len(org.by_external_id()) == 199
    assert org.way.count("PATCH") == 1


@pytest.mark.feature("TRK-05")
@pytest.mark.parametrize("threshold", [2, 100], ids=["bulk", "collections"])
@pytest.mark.parametrize("field", ["City", "Crosswalk_Id__c"])
def test_with_a_hidden_field_given_back_all_is_written(org: Org, field: str, threshold: int) -> None:
    where = {"system": "salesforce", "object": "Lead", "field": field}
    actions = [org.create(City="Kenosha") for _ in range(3)]
    org.control("schema", {**where, "change": {"hide": True}})
    with pytest.raises(SchemaDrift, match=rf"on {field}\b"):
        list(org.target(bulk_threshold=threshold).apply(actions))
    assert org.by_external_id() == {}
    org.control("schema", {**where, "change": {"hide": False}})
    assert {one.outcome for one in org.target(bulk_threshold=threshold).apply(actions)} == {"created"}


def test_a_row_that_spoils_the_whole_call_is_found_by_halving(org: Org) -> None:
    """The vendor cannot parse one row's value and refuses all 200."""
    actions = [org.create() for _ in range(16)]
    spoilt = actions[5].external_id.encode()
    body = [{"errorCode": "JSON_PARSER_ERROR", "message": "Cannot deserialize instance of double"}]
    target = org.target()
    list(target.lookup(Lookup("Lead", [], external_ids=["x"])))
    org.forget()
    # Calls of the halving that hold the row: 16, first 8, second 4 of it, its 2, and the row alone.
    org.way.faults = [Fault("PATCH", "composite", 400, body, times=2)]
    halves = iter(target.apply(actions))
    receipts = list(halves)
    assert len({one.action_id for one in receipts}) == 16
    assert org.way.count("PATCH") == 5
    assert spoilt in org.way.asked[0].body
    org.way.faults = [Fault("PATCH", "composite", 400, body, times=1)]
    (alone,) = target.apply([org.create()])
    assert (alone.outcome, alone.code) == ("failed", "JSON_PARSER_ERROR")


def test_rows_that_lost_a_lock_are_sent_again_alone(org: Org) -> None:
    actions = [org.create() for _ in range(5)]

    def lock_second(content: bytes) -> bytes:
        rows = orjson.loads(content)
        return orjson.dumps([LOCKED if at == 1 else row for at, row in enumerate(rows)])

    org.way.faults = [
        Fault("PATCH", "composite", 200, commits=True, rewrite=lock_second),
        Fault("PATCH", "composite", 200, [LOCKED]),
    ]
    receipts = list(org.target().apply(actions))
    assert sorted(one.action_id for one in receipts) == sorted(one.action_id for one in actions)
    assert {one.outcome for one in receipts} <= {"created", "updated"}
    sent = [len(orjson.loads(one.body)["records"]) for one in org.way.asked if one.method == "PATCH"]
    assert sent == [5, 1, 1]
    assert len(org.waited) == 2


def test_a_row_that_never_gets_its_lock_ends_with_a_receipt(org: Org) -> None:
    org.way.faults = [Fault("PATCH", "composite", 200, [LOCKED], times=99)]
    action = org.create()
    assert list(org.target().apply([action])) == [
        Receipt(action.action_id, "failed", None, "UNABLE_TO_LOCK_ROW", ()),
    ]
    assert org.way.count("PATCH") == 4


def test_a_time_out_after_the_vendor_committed_makes_no_second_lead(org: Org) -> None:
    actions = [org.create() for _ in range(3)]
    org.way.faults = [Fault("PATCH", "composite", 0, commits=True, hangs_up=True)]
    receipts = list(org.target().apply(actions))
    assert org.way.count("PATCH") == 2
    assert {one.outcome for one in receipts} == {"updated"}
    found = org.by_external_id()
    assert {one.record_id for one in receipts} == {one["Id"] for one in found.values()}
    assert len(org.records("Lead")) == 3


def test_trouble_on_the_way_keeps_the_receipts_of_what_was_done(org: Org) -> None:
    """Then the same actions can be applied again, and again each gets one receipt."""
    actions = [org.create() for _ in range(450)]
    target = org.target()
    writing = target.apply(actions)
    receipts = list(itertools.islice(writing, 200))
    org.way.faults = [Fault("PATCH", "composite", 503, BUSY, times=99)]
    with pytest.raises(TransientError):
        receipts.extend(writing)
    assert len(receipts) == 200
    org.way.faults = []
    assert len({one.action_id for one in target.apply(actions)}) == 450
    assert len(org.by_external_id()) == 450


def test_a_record_from_before_the_hub_is_adopted(org: Org) -> None:
    (old,) = org.seed("Lead", {"LastName": "Roe", "Company": "Old", "Email": "Roe@Example.org"})
    target = org.target()
    (found,) = target.lookup(
        Lookup("Lead", ["Email", "Company", "Crosswalk_Id__c"], match={"Email": ["roe@example.org"]})
    )
    assert (found.record_id, found.external_id) == (old, None)
    wanted: dict[str, Value] = {"Company": "New", "Crosswalk_Id__c": "id-adopted"}
    action = compare(Desired("a1", "Lead", "id-adopted", "id-adopted", wanted), [found])
    assert isinstance(action, Update)
    assert list(target.apply([action])) == [Receipt("a1", "updated", old)]
    (again,) = target.lookup(Lookup("Lead", ["Company"], external_ids=["id-adopted"]))
    assert (again.record_id, again.external_id, again.fields) == (old, "id-adopted", {"Company": "New"})


def test_two_leads_that_claim_one_record_are_not_both_written(org: Org) -> None:
    (old,) = org.seed("Lead", {"LastName": "Roe", "Company": "Old"})
    actions = [org.update("id-a", old, Company="A"), org.update("id-b", old, Company="B")]
    receipts = {one.action_id: one for one in org.target().apply(actions)}
    assert receipts[actions[0].action_id].outcome == "updated"
    assert receipts[actions[1].action_id].code == "SAME_RECORD_TWICE"
    assert org.records("Lead")[0]["Company"] == "A"


def test_none_leaves_alone_and_empty_clears(org: Org) -> None:
    (old,) = org.seed("Lead", {"LastName": "Roe", "Company": "Old", "Phone": "1", "City": "X"})
    list(org.target().apply([org.update("id-a", old, Phone=None, City="", Company="New")]))
    (lead,) = org.records("Lead")
    assert (lead.get("Phone"), lead.get("City"), lead["Company"]) == ("1", None, "New")


def test_the_same_external_id_twice_is_refused_before_any_call(org: Org) -> None:
    action = org.create()
    with pytest.raises(ValueError, match="twice"):
        org.target().apply([action, Create("b", "Lead", action.external_id, {})])
    assert org.way.asked == []


def test_objects_are_written_in_the_order_in_which_they_first_appear(org: Org) -> None:
    lead, task = org.create(), Create("t1", "Task", "task-1", {"Subject": "Call", "Status": "Not Started"})
    other = org.create()
    receipts = list(org.target().apply([lead, task, other]))
    assert [one.action_id for one in receipts] == [lead.action_id, other.action_id, "t1"]
    assert {one.outcome for one in receipts} == {"created"}


def test_before_setup_an_admin_is_told(org: Org) -> None:
    org.control("load", {"scenario": "empty"})
    with pytest.raises(SchemaDrift, match=r"Crosswalk_Id__c.*crosswalk setup"):
        list(org.target().apply([org.create()]))
    with pytest.raises(SchemaDrift, match=r"Crosswalk_Id__c.*crosswalk setup"):
        org.target().lookup(Lookup("Lead", [], external_ids=["x"]))


def test_lookup_batches_its_keys_and_follows_pages(org: Org) -> None:
    actions = [org.create(LastName="Same") for _ in range(2100)]
    target = org.target(bulk_threshold=10_000)
    list(target.apply(actions))
    org.forget()
    ids = [one.external_id for one in actions]
    emails = [str(one.fields["Email"]) for one in actions]
    found = target.lookup(Lookup("Lead", ["Email"], external_ids=ids, match={"Email": emails}))
    assert len(found) == 2100
    assert {one.external_id for one in found} == set(ids)
    assert [(one.method, one.path.rpartition("/")[2]) for one in org.way.asked if "token" not in one.path] == [
        ("POST", "composite")
    ] * 2
    org.forget()
    assert len(target.lookup(Lookup("Lead", [], match={"LastName": ["Same"]}))) == 2100
    assert len(org.way.asked) == 2


@pytest.fixture
def many(org: Org) -> tuple[SalesforceTarget, Lookup]:
    """A look-up of several calls, each of several queries."""
    actions = [org.create(LastName="Same") for _ in range(2100)]
    target = org.target(bulk_threshold=10_000)
    list(target.apply(actions))
    emails = [str(one.fields["Email"]) for one in actions]
    org.forget()
    return target, Lookup("Lead", ["Email"], [one.external_id for one in actions], match={"Email": emails})


def test_a_lookup_that_the_vendor_is_too_busy_for_is_asked_again(
    org: Org, many: tuple[SalesforceTarget, Lookup]
) -> None:
    def one_part_busy(content: bytes) -> bytes:
        answer = orjson.loads(content)
        answer["compositeResponse"][-1] |= {"httpStatusCode": 503, "body": BUSY}
        return orjson.dumps(answer)

    target, query = many
    org.way.faults = [
        Fault("POST", "composite", 503, BUSY),
        Fault("POST", "composite", 200, commits=True, rewrite=one_part_busy),
    ]
    assert len(target.lookup(query)) == 2100
    assert org.way.count("POST", "composite") == 4
    assert len(org.waited) == 2


def test_further_pages_of_a_part_are_followed(org: Org, many: tuple[SalesforceTarget, Lookup]) -> None:
    target, _ = many
    names = [f"Nobody with a long name {number}" for number in range(400)]
    found = target.lookup(Lookup("Lead", [], match={"LastName": ["Same", *names], "Company": names}))
    assert len(found) == 2100
    assert (org.way.count("POST", "composite"), org.way.count("GET", "/query")) == (1, 1)


def test_a_token_that_expires_between_lookups_is_replaced(org: Org, many: tuple[SalesforceTarget, Lookup]) -> None:
    target, query = many
    target.lookup(query)
    org.control("expire-tokens", {})
    assert len(target.lookup(query)) == 2100


@pytest.mark.parametrize(
    "body",
    [
        [{"errorCode": "INVALID_FIELD", "message": "No such column 'Nope__c' on entity 'Lead'"}],
        [{"errorCode": "NEW_CODE_OF_NEXT_YEAR", "message": "?"}],
    ],
)
def test_a_refused_part_is_raised(org: Org, many: tuple[SalesforceTarget, Lookup], body: object) -> None:
    target, query = many
    refused = [{"httpStatusCode": 400, "body": body}] * 5
    org.way.faults = [Fault("POST", "composite", 200, {"compositeResponse": refused}, times=9)]
    with pytest.raises(TerminalError, match=r"Nope__c.*crosswalk setup|NEW_CODE"):
        target.lookup(query)
    assert org.waited == []


def test_a_converted_lead_is_closed_and_only_leads_are_asked_for_it(org: Org) -> None:
    target = org.target()
    list(target.apply([action := org.create(), task := Create("t1", "Task", "task-1", {"Subject": "Call"})]))
    converted = {"done": True, "totalSize": 1, "records": [
        {"Id": "00Q000000000001AAA", "Crosswalk_Id__c": "x", "IsConverted": True, "IsDeleted": False, "Email": "a"},
    ]}  # fmt: skip
    org.way.faults = [Fault("GET", "query", 200, converted)]
    (lead,) = target.lookup(Lookup("Lead", ["Email"], external_ids=[action.external_id]))
    assert lead.closed
    org.forget()
    (found,) = target.lookup(Lookup("Task", ["Subject"], external_ids=[task.external_id]))
    assert not found.closed
    assert "IsConverted" not in org.way.asked[-1].path


def test_our_own_deleted_record_comes_back_closed_and_nobody_elses(org: Org) -> None:
    """Else the hub would create again what sales has deleted or merged away."""
    target = org.target()
    mine, other = org.create(Email="shared@example.org"), org.create()
    receipts = list(target.apply([mine, other]))
    session = org.session()
    session.call("DELETE", f"sobjects/Lead/{receipts[0].record_id}")
    (found,) = target.lookup(Lookup("Lead", [], external_ids=[mine.external_id]))
    assert found.closed
    assert target.lookup(Lookup("Lead", [], match={"Email": ["shared@example.org"]})) == []
    (receipt,) = target.apply([mine])
    assert receipt.outcome == "created"
    (found,) = target.lookup(Lookup("Lead", [], external_ids=[mine.external_id]))
    assert (found.record_id, found.closed) == (receipt.record_id, False)


def test_an_empty_key_does_not_hit_every_record_without_one(org: Org) -> None:
    org.seed("Lead", {"LastName": "Roe", "Company": "X"}, {"LastName": "Doe", "Company": "Y"})
    assert org.target().lookup(Lookup("Lead", [], match={"Email": ["", " "]})) == []
    assert org.way.asked == []

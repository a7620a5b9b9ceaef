"""Lists: themselves, who is on them, and those that fill themselves."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot
from hubspot.crm import lists as models

from sandbox.clock import Clock
from sandbox.hubspot.portal import Portal
from sandbox.scenarios.model import SCENARIO_NOW, Scenario

if TYPE_CHECKING:
    from conftest import Sandbox

LISTS = "/crm/v3/lists"


def branch(*filters: dict[str, Any]) -> dict[str, Any]:
    group = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": list(filters)}
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [group], "filters": []}


def rule(name: str, kind: str, operator: str, **more: Any) -> dict[str, Any]:
    operation = {"operationType": kind, "operator": operator, "includeObjectsWithNoValueSet": False, **more}
    return {"filterType": "PROPERTY", "property": name, "operation": operation}


IN_GARY = branch(rule("city", "MULTISTRING", "IS_EQUAL_TO", values=["Gary"]))


def checked(model: Any) -> Any:
    """Build the model again with the client's own validation on: it refuses a missing required field."""
    configuration = type(model.local_vars_configuration)()
    configuration.client_side_validation = True
    values = {name: getattr(model, name) for name in model.openapi_types}
    return type(model)(**values, local_vars_configuration=configuration)


def make(sandbox: Sandbox, name: str, processing: str = "MANUAL", **more: Any) -> str:
    body = {"name": name, "objectTypeId": "0-1", "processingType": processing, **more}
    answer = sandbox.ask("POST", LISTS, body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["list"]["listId"])


def members(sandbox: Sandbox, key: str, tail: str = "") -> list[str]:
    answer = sandbox.ask("GET", f"{LISTS}/{key}/memberships{tail}")
    assert answer.status_code == 200, answer.text
    return [row["recordId"] for row in answer.json()["results"]]


def test_a_list_is_made_found_renamed_and_deleted(sandbox: Sandbox) -> None:
    key = make(sandbox, "Spring event")
    read = sandbox.ask("GET", f"{LISTS}/{key}").json()["list"]
    assert (read["name"], read["objectTypeId"], read["processingType"]) == ("Spring event", "0-1", "MANUAL")
    assert (read["processingStatus"], read["size"], read["listVersion"]) == ("COMPLETE", 0, 1)
    assert sandbox.ask("GET", f"{LISTS}/object-type-id/0-1/name/spring event").json()["list"] == read
    assert sandbox.ask("GET", f"{LISTS}/object-type-id/0-2/name/Spring event").status_code == 404
    assert sandbox.ask("GET", f"{LISTS}?listIds={key}&listIds=4711").json() == {"lists": [read]}
    assert sandbox.ask("GET", f"/crm/lists/2026-03/{key}").json()["list"] == read
    renamed = sandbox.ask("PUT", f"{LISTS}/{key}/update-list-name?listName=Autumn%20event").json()["updatedList"]
    assert (renamed["name"], renamed["listVersion"]) == ("Autumn event", 2)
    assert sandbox.ask("DELETE", f"{LISTS}/{key}").status_code == 204
    assert sandbox.ask("GET", f"{LISTS}/{key}").status_code == 404
    assert sandbox.ask("DELETE", f"{LISTS}/{key}").status_code == 404
    sandbox.control("POST", "/clock", advance_seconds=89 * 86_400)
    assert sandbox.ask("PUT", f"{LISTS}/{key}/restore").status_code == 204
    assert sandbox.ask("GET", f"{LISTS}/{key}").json()["list"]["name"] == "Autumn event"
    sandbox.ask("DELETE", f"{LISTS}/{key}")
    sandbox.control("POST", "/clock", advance_seconds=91 * 86_400)
    assert sandbox.ask("PUT", f"{LISTS}/{key}/restore").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "New"}, 400),
        ({"name": "known", "objectTypeId": "0-1", "processingType": "MANUAL"}, 400),
        ({"name": "New", "objectTypeId": "0-1", "processingType": "STATIC"}, 400),
        ({"name": "New", "objectTypeId": "2-999", "processingType": "MANUAL"}, 400),
        ({"name": "New", "objectTypeId": "0-1", "processingType": "DYNAMIC"}, 400),
        ({"name": "New", "objectTypeId": "0-1", "processingType": "MANUAL", "filterBranch": IN_GARY}, 400),
    ],
)
def test_what_is_no_list(sandbox: Sandbox, body: dict[str, Any], status: int) -> None:
    make(sandbox, "Known")
    answer = sandbox.ask("POST", f"{LISTS}/", body)
    assert (answer.status_code, answer.json()["category"]) == (status, "VALIDATION_ERROR")
    assert sandbox.ask("POST", f"{LISTS}/search", {}).json()["total"] == 1


def test_an_object_type_without_lists_is_named(sandbox: Sandbox) -> None:
    answer = sandbox.ask("POST", LISTS, {"name": "New", "objectTypeId": "0-53", "processingType": "MANUAL"}).json()
    assert answer["subCategory"] == "ListError.INVALID_OBJECT_TYPE_FOR_LIST"
    assert answer["message"] == "The objectTypeId 0-53 provided for the list is not valid for this portal."


def test_lists_are_searched_by_name_and_type(sandbox: Sandbox) -> None:
    keys = [make(sandbox, f"Event {number}") for number in range(3)]
    make(sandbox, "Elsewhere", "DYNAMIC", filterBranch=IN_GARY)
    page = sandbox.ask("POST", f"{LISTS}/search", {"query": "event", "count": 2}).json()
    assert ([one["listId"] for one in page["lists"]], page["hasMore"], page["offset"], page["total"]) == (
        keys[:2],
        True,
        2,
        3,
    )
    rest = sandbox.ask("POST", f"{LISTS}/search", {"query": "event", "count": 2, "offset": 2}).json()
    assert ([one["listId"] for one in rest["lists"]], rest["hasMore"]) == (keys[2:], False)
    assert rest["lists"][0]["additionalProperties"] == {"hs_list_size": "0", "hs_list_reference_count": "0"}
    dynamic = sandbox.ask("POST", f"{LISTS}/search", {"processingTypes": ["DYNAMIC"], "offset": 0}).json()
    assert [one["name"] for one in dynamic["lists"]] == ["Elsewhere"]
    assert sandbox.ask("POST", f"{LISTS}/search", {"listIds": keys[1:2]}).json()["total"] == 1
    assert sandbox.ask("POST", f"{LISTS}/search", {"count": 0}).status_code == 400


def test_members_are_added_and_removed_by_hand(sandbox: Sandbox) -> None:
    people = sandbox.hubspot_contacts("a@example.org", "b@example.org", "c@example.org")
    key = make(sandbox, "Spring event")
    answer = sandbox.ask("PUT", f"{LISTS}/{key}/memberships/add", [*people[:2], "4711"]).json()
    assert answer == {"recordsIdsAdded": people[:2], "recordIdsRemoved": [], "recordIdsMissing": ["4711"]}
    assert sandbox.ask("PUT", f"{LISTS}/{key}/memberships/add", people[:1]).json()["recordsIdsAdded"] == []
    change = {"recordIdsToAdd": [people[2]], "recordIdsToRemove": [people[0]]}
    answer = sandbox.ask("PUT", f"{LISTS}/{key}/memberships/add-and-remove", change).json()
    assert (answer["recordsIdsAdded"], answer["recordIdsRemoved"]) == ([people[2]], [people[0]])
    assert members(sandbox, key) == people[1:]
    assert sandbox.ask("PUT", f"{LISTS}/{key}/memberships/remove", people).json()["recordIdsRemoved"] == people[1:]
    sandbox.ask("PUT", f"{LISTS}/{key}/memberships/add", people)
    other = make(sandbox, "Autumn event")
    assert sandbox.ask("PUT", f"{LISTS}/{other}/memberships/add-from/{key}").status_code == 204
    assert sandbox.ask("PUT", f"{LISTS}/{other}/memberships/add-from/{other}").status_code == 400
    assert sandbox.ask("DELETE", f"{LISTS}/{key}/memberships").status_code == 204
    assert (members(sandbox, key), members(sandbox, other)) == ([], people)
    sandbox.ask("DELETE", f"/crm/v3/objects/contacts/{people[1]}")
    assert members(sandbox, other) == [people[0], people[2]]
    assert sandbox.ask("PUT", f"{LISTS}/{key}/memberships/add", {"ids": people}).status_code == 400
    assert sandbox.ask("PUT", f"{LISTS}/{key}/memberships/add", ["x"]).status_code == 400
    [shown, _] = sandbox.control("GET", "/dump?system=hubspot")["hubspot"]["lists"]
    assert (shown["name"], shown["members"]) == ("Spring event", [])
    assert sandbox.control("GET", "/inspect")["hubspot"]["lists"] == 2


def test_members_are_paged_both_ways(sandbox: Sandbox) -> None:
    people = sandbox.hubspot_contacts(*(f"p{number}@example.org" for number in range(7)))
    key = make(sandbox, "Spring event")
    for person in reversed(people):
        sandbox.ask("PUT", f"{LISTS}/{key}/memberships/add", [person])
        sandbox.control("POST", "/clock", advance_seconds=60)
    for tail, expected in (("", people), ("/join-order", people[::-1])):
        seen: list[str] = []
        path = f"{LISTS}/{key}/memberships{tail}?limit=3"
        page = sandbox.ask("GET", path).json()
        assert "prev" not in page["paging"]
        while True:
            seen += [row["recordId"] for row in page["results"]]
            if "next" not in page["paging"]:
                break
            page = sandbox.ask("GET", f"{path}&after={page['paging']['next']['after']}").json()
        assert (seen, page["total"]) == (expected, 7)
        back = sandbox.ask("GET", f"{path}&before={page['paging']['prev']['before']}").json()
        assert [row["recordId"] for row in back["results"]] == expected[5:2:-1]
    assert sandbox.ask("GET", f"{LISTS}/{key}/memberships?limit=251").status_code == 400
    rows = sandbox.ask("GET", f"{LISTS}/{key}/memberships/join-order").json()["results"]
    assert [row["membershipTimestamp"] for row in rows] == sorted(row["membershipTimestamp"] for row in rows)
    assert len({row["membershipTimestamp"] for row in rows}) == 7


def test_a_dynamic_list_follows_its_records(sandbox: Sandbox) -> None:
    key = make(sandbox, "In Gary", "DYNAMIC", filterBranch=IN_GARY)
    assert members(sandbox, key) == []
    kim, lee = sandbox.hubspot_contacts("kim@example.org", "lee@example.org", city="gary")
    assert members(sandbox, key) == [kim, lee]
    sandbox.ask("PATCH", f"/crm/v3/objects/contacts/{kim}", {"properties": {"city": "Bend"}})
    assert members(sandbox, key) == [lee]
    for verb in ("add", "remove"):
        refused = sandbox.ask("PUT", f"{LISTS}/{key}/memberships/{verb}", [kim])
        assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    assert sandbox.ask("DELETE", f"{LISTS}/{key}/memberships").status_code == 400
    changed = {"filterBranch": branch(rule("city", "MULTISTRING", "IS_NOT_EQUAL_TO", values=["Gary"]))}
    updated = sandbox.ask("PUT", f"{LISTS}/{key}/update-list-filters", changed).json()["updatedList"]
    assert updated["filterBranch"] == changed["filterBranch"]
    assert members(sandbox, key) == [kim]
    sandbox.ask("DELETE", f"/crm/v3/objects/contacts/{kim}")
    assert members(sandbox, key) == []
    assert "filterBranch" not in sandbox.ask("GET", f"{LISTS}/{key}").json()["list"]
    assert "filterBranch" in sandbox.ask("GET", f"{LISTS}/{key}?includeFilters=true").json()["list"]


def test_a_dynamic_list_is_as_late_as_the_index(sandbox: Sandbox) -> None:
    key = make(sandbox, "In Gary", "DYNAMIC", filterBranch=IN_GARY)
    sandbox.control("POST", "/settings", index_lag_seconds=5)
    [kim] = sandbox.hubspot_contacts("kim@example.org", city="Gary")
    assert members(sandbox, key) == []
    sandbox.control("POST", "/clock", advance_seconds=6)
    assert members(sandbox, key) == [kim]


def test_a_snapshot_stays_as_it_was(sandbox: Sandbox) -> None:
    [kim] = sandbox.hubspot_contacts("kim@example.org", city="Gary")
    key = make(sandbox, "Then in Gary", "SNAPSHOT", filterBranch=IN_GARY)
    [lee] = sandbox.hubspot_contacts("lee@example.org", city="Gary")
    assert members(sandbox, key) == [kim]
    sandbox.ask("PUT", f"{LISTS}/{key}/memberships/add", [lee])
    assert members(sandbox, key) == [kim, lee]
    assert sandbox.ask("PUT", f"{LISTS}/{key}/update-list-filters", {"filterBranch": IN_GARY}).status_code == 400


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([rule("city", "MULTISTRING", "IS_EQUAL_TO", values=["gary", "Ames"])], "a"),
        ([rule("city", "STRING", "CONTAINS", value="EN")], "b"),
        ([rule("city", "MULTISTRING", "DOES_NOT_CONTAIN", values=["en"])], "a"),
        ([rule("city", "MULTISTRING", "DOES_NOT_CONTAIN", values=["en"], includeObjectsWithNoValueSet=True)], "ac"),
        ([rule("city", "STRING", "STARTS_WITH", value="b"), rule("city", "STRING", "ENDS_WITH", value="d")], "b"),
        ([rule("city", "ALL_PROPERTY", "IS_UNKNOWN")], "c"),
        ([rule("lifecyclestage", "ENUMERATION", "IS_ANY_OF", values=["lead", "customer"])], "ab"),
        ([rule("lifecyclestage", "ENUMERATION", "IS_NONE_OF", values=["lead"])], "b"),
        ([rule("visits", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value=2)], "bc"),
        ([rule("visits", "NUMBER", "IS_NOT_EQUAL_TO", value=2)], "ac"),
        ([rule("visits", "NUMBER_RANGED", "IS_BETWEEN", lowerBound=1, upperBound=2)], "ab"),
        ([rule("agreed", "BOOL", "IS_EQUAL_TO", value=True)], "a"),
        ([rule("agreed", "BOOL", "IS_NOT_EQUAL_TO", value=True)], "b"),
        ([rule("topics", "ENUMERATION", "CONTAINS_ALL", values=["knee", "hip"])], "a"),
        ([rule("topics", "ENUMERATION", "IS_EXACTLY", values=["knee"])], "b"),
    ],
)
def test_filters(sandbox: Sandbox, filters: list[dict[str, Any]], found: str) -> None:
    for name, kind, field_type, options in (
        ("visits", "number", "number", []),
        ("agreed", "bool", "booleancheckbox", [("Yes", "true"), ("No", "false")]),
        ("topics", "enumeration", "checkbox", [("Knee", "knee"), ("Hip", "hip")]),
    ):
        listed = [{"label": label, "value": value, "displayOrder": 0, "hidden": False} for label, value in options]
        body = {"name": name, "label": name, "type": kind, "fieldType": field_type, "groupName": "contactinformation"}
        assert sandbox.ask("POST", "/crm/v3/properties/contacts", {**body, "options": listed}).status_code == 201
    people = {
        "a": {"city": "Gary", "lifecyclestage": "lead", "visits": "1", "agreed": "true", "topics": "hip;knee"},
        "b": {"city": "Bend", "lifecyclestage": "customer", "visits": "2", "agreed": "false", "topics": "knee"},
        "c": {"visits": "3"},
    }
    ids = {sandbox.hubspot_contacts(f"{name}@example.org", **values)[0]: name for name, values in people.items()}
    key = make(sandbox, "Some", "DYNAMIC", filterBranch=branch(*filters))
    assert "".join(ids[member] for member in members(sandbox, key)) == found


@pytest.mark.parametrize(
    ("filters", "status"),
    [
        (branch(), 400),
        ({"filterBranchType": "AND", "filters": [], "filterBranches": []}, 400),
        ({**IN_GARY, "filterBranches": []}, 400),
        (branch(rule("nonsense", "STRING", "CONTAINS", value="x")), 400),
        (branch(rule("city", "NUMBER", "IS_EQUAL_TO", value=1)), 400),
        (branch(rule("city", "STRING", "IS_ANY_OF", value="x")), 400),
        (branch(rule("city", "STRING", "CONTAINS")), 400),
        (branch(rule("lifecyclestage", "ENUMERATION", "IS_ANY_OF", values=[])), 400),
        (branch(rule("city", "MULTISTRING", "HAS_EVER_BEEN_EQUAL_TO", values=["x"])), 501),
        (branch(rule("createdate", "ROLLING_DATE_RANGE", "IS_LESS_THAN", numberOfDays=7)), 501),
        (branch({"filterType": "FORM_SUBMISSION", "operator": "FILLED_OUT"}), 501),
    ],
)
def test_filters_that_are_refused_leave_no_list(sandbox: Sandbox, filters: dict[str, Any], status: int) -> None:
    body = {"name": "Some", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": filters}
    assert sandbox.ask("POST", LISTS, body).status_code == status
    assert sandbox.ask("POST", f"{LISTS}/search", {}).json()["total"] == 0


def test_which_lists_a_record_is_on(sandbox: Sandbox) -> None:
    kim, lee = sandbox.hubspot_contacts("kim@example.org", "lee@example.org", city="Gary")
    by_hand, dynamic = make(sandbox, "By hand"), make(sandbox, "In Gary", "DYNAMIC", filterBranch=IN_GARY)
    sandbox.ask("PUT", f"{LISTS}/{by_hand}/memberships/add", [kim])
    answer = sandbox.ask("GET", f"{LISTS}/records/0-1/{kim}/memberships").json()
    assert [row["listId"] for row in answer["results"]] == [by_hand, dynamic]
    assert set(answer["results"][0]) == {
        "listId",
        "listVersion",
        "firstAddedTimestamp",
        "lastAddedTimestamp",
        "isPublicList",
    }
    first = answer["results"][0]["firstAddedTimestamp"]
    sandbox.control("POST", "/clock", advance_seconds=60)
    sandbox.ask("PUT", f"{LISTS}/{by_hand}/memberships/remove", [kim])
    sandbox.ask("PUT", f"{LISTS}/{by_hand}/memberships/add", [kim])
    again = sandbox.ask("GET", f"/crm/lists/2026-03/records/0-1/{kim}/memberships").json()["results"][0]
    assert again["firstAddedTimestamp"] == first < again["lastAddedTimestamp"]
    inputs = [{"objectTypeId": "0-1", "recordId": key} for key in (kim, lee, "4711")]
    read = sandbox.ask("POST", f"{LISTS}/records/memberships/batch/read", {"inputs": inputs})
    assert read.status_code == 207
    assert [len(row["recordListMemberships"]) for row in read.json()["results"]] == [2, 1]


def test_merged_contacts_stay_on_the_lists_of_both(sandbox: Sandbox) -> None:
    kim, lee = sandbox.hubspot_contacts("kim@example.org", "lee@example.org", city="Gary")
    by_hand, dynamic = make(sandbox, "By hand"), make(sandbox, "In Gary", "DYNAMIC", filterBranch=IN_GARY)
    sandbox.ask("PUT", f"{LISTS}/{by_hand}/memberships/add", [lee])
    merged = sandbox.ask("POST", "/crm/v3/objects/contacts/merge", {"primaryObjectId": kim, "objectIdToMerge": lee})
    assert merged.status_code == 200, merged.text
    assert members(sandbox, by_hand) == members(sandbox, dynamic) == [merged.json()["id"]]


def test_the_official_client(sandbox: Sandbox) -> None:
    people = sandbox.hubspot_contacts("kim@example.org", "lee@example.org", city="Gary")
    client = HubSpot(access_token=sandbox.hubspot["token"], host=sandbox.hubspot["url"]).crm.lists
    lists, memberships = client.lists_api, client.memberships_api
    wanted = models.ListCreateRequest(name="By hand", object_type_id="0-1", processing_type="MANUAL")
    made = checked(checked(lists.create(wanted)).list)
    changed = checked(memberships.add(made.list_id, people))
    assert changed.records_ids_added == people
    assert checked(lists.get_by_id(made.list_id).list).size == 2
    assert lists.get_by_name("By hand", "0-1").list.list_id == made.list_id
    assert [one.list_id for one in lists.get_all(list_ids=[made.list_id]).lists] == [made.list_id]
    found = checked(lists.do_search(models.ListSearchRequest(query="hand", offset=0, additional_properties=[])))
    assert checked(found.lists[0]).additional_properties["hs_list_size"] == "2"
    page = checked(memberships.get_page(made.list_id, limit=1))
    assert [row.record_id for row in page.results] == people[:1]
    rest = memberships.get_page(made.list_id, limit=1, after=page.paging.next.after)
    assert checked(rest.results[0]).record_id == people[1]
    joined = checked(memberships.get_page_ordered_by_added_to_list_date(made.list_id))
    assert checked(joined.results[0]).membership_timestamp.year == 2026
    assert checked(memberships.get_lists("0-1", people[0]).results[0]).list_id == made.list_id
    moved = models.MembershipChangeRequest(record_ids_to_add=[], record_ids_to_remove=people)
    assert memberships.add_and_remove(made.list_id, moved).record_ids_removed == people
    assert lists.update_name(made.list_id, list_name="Other").updated_list.name == "Other"
    lists.remove(made.list_id)
    lists.restore(made.list_id)
    assert lists.get_by_id(made.list_id).list.name == "Other"


def test_lists_are_seeded_and_survive_a_snapshot() -> None:
    stamps = {"createdate": "2026-01-01T00:00:00.000Z", "lastmodifieddate": "2026-01-01T00:00:00.000Z"}
    scenario = Scenario(
        name="lists",
        now=SCENARIO_NOW,
        hubspot_properties=[],
        hubspot_owners=[],
        hubspot_contacts=[{"hs_object_id": key, "city": "Gary", **stamps} for key in ("101", "151")],
        salesforce_records={},
        hubspot_lists=[
            {"listId": "7", "name": "A", "objectTypeId": "0-1", "processingType": "MANUAL", "members": ["151"]},
            {"listId": "9", "name": "B", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": IN_GARY},
        ],
    )
    portal = Portal(Clock(SCENARIO_NOW))
    portal.load(scenario)
    assert [(one["id"], one["members"]) for one in portal.lists.dump(portal)] == [("7", ["151"]), ("9", ["101", "151"])]
    again: Portal = pickle.loads(pickle.dumps(portal))
    assert again.lists.dump(again) == portal.lists.dump(portal)
    assert again.lists.create(again, "C", "0-1", "MANUAL", None).id == 10

"""What published taps and clients ask for and no other test does: found by running them unchanged."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.contracts.conftest import Session, Wire

C = "/crm/v3/objects/contacts"


@pytest.mark.parametrize(
    "kind",
    [
        *("calls", "communications", "companies", "contacts", "deals", "deal_split", "emails", "feedback_submissions"),
        *("goal_targets", "leads", "line_items", "meetings", "notes", "postal_mail", "products", "quotes", "tasks"),
        *("tickets", "company", "contact", "line_item", "product"),
    ],
)
def test_every_type_that_taps_walk_is_there(portal: Wire, kind: str) -> None:
    for path in (f"/crm/v3/properties/{kind}?limit=100", f"/crm/v3/objects/{kind}?limit=100"):
        assert portal.ask("GET", path).status_code == 200
    assert portal.ask("POST", f"/crm/v3/objects/{kind}/search", {"limit": 100}).status_code == 200
    [first, *_] = portal.ask("GET", f"/properties/v2/{kind}/properties").json()
    assert {"name", "label", "type", "fieldType", "groupName", "options", "readOnlyValue", "deleted"} <= first.keys()


def test_feedback_cannot_be_made(portal: Wire) -> None:
    for properties in ({}, {"hs_survey_id": "1"}):
        answer = portal.ask("POST", "/crm/v3/objects/feedback_submissions", {"properties": properties})
        assert answer.status_code == 400


def test_links_to_types_that_cannot_be_linked_are_passed_over(portal: Wire) -> None:
    answer = portal.ask("GET", f"{C}/{{contacts}}?associations=deals,products,tickets,quotes")
    assert (answer.status_code, answer.json()["associations"].keys()) == (200, {"deals"})


def test_pages_are_linked_by_whole_addresses(portal: Wire) -> None:
    page = portal.ask("GET", f"{C}?limit=2&archived=False&properties=email").json()
    rest = portal.sandbox.session.get(
        page["paging"]["next"]["link"],
        headers={"Authorization": f"Bearer {portal.sandbox.hubspot['token']}"},
        timeout=9,
    ).json()
    assert {row["id"] for row in page["results"]}.isdisjoint(row["id"] for row in rest["results"])


def test_names_to_return_do_not_count_as_the_body_of_a_search(portal: Wire) -> None:
    names = [f"a_property_with_a_long_name_{n:03}" for n in range(200)]
    assert portal.ask("POST", f"{C}/search", {"properties": names, "limit": 1}).status_code == 200
    beyond = {"properties": names, "query": "x" * 3_000}
    assert portal.ask("POST", f"{C}/search", beyond).status_code == 400


@pytest.mark.parametrize(
    ("sorts", "descending"),
    [
        (["hs_object_id"], False),
        (["-hs_object_id"], True),
        ([{"propertyName": "hs_object_id", "direction": "DESCENDING"}], True),
        (['{"propertyName":"hs_object_id","direction":"DESCENDING"}'], False),  # answered, and not sorted
    ],
)
def test_sorts_as_hubspots_own_clients_send_them(portal: Wire, sorts: list[Any], descending: bool) -> None:
    answer = portal.ask("POST", f"{C}/search", {"sorts": sorts, "limit": 20})
    assert answer.status_code == 200
    ids = [int(row["id"]) for row in answer.json()["results"]]
    assert ids == sorted(ids, reverse=descending) or sorts[0][0] == "{"


def test_filters_without_a_group(portal: Wire) -> None:
    """As a published source asks, with numbers for values."""
    rules = [{"value": 0, "propertyName": name, "operator": "GTE"} for name in ("lastmodifieddate", "hs_object_id")]
    assert portal.ask("POST", f"{C}/search", {"filters": rules, "limit": 100}).json()["total"] > 0


def test_pipelines_of_the_first_version(portal: Wire) -> None:
    [pipeline] = portal.ask("GET", "/crm-pipelines/v1/pipelines/deals").json()["results"]
    assert (pipeline["pipelineId"], pipeline["objectTypeId"], pipeline["default"]) == ("default", "0-3", True)
    assert {"stageId", "label", "displayOrder", "metadata", "active", "createdAt"} <= pipeline["stages"][0].keys()


def test_users_are_the_owners_who_can_log_in(portal: Wire) -> None:
    owners = portal.ask("GET", "/crm/v3/owners/").json()["results"]
    first = portal.ask("GET", "/settings/v3/users?limit=1").json()
    assert len(first["results"]) == 1
    rest = portal.ask("GET", f"/settings/v3/users?after={first['paging']['next']['after']}").json()["results"]
    found = {user["id"]: user["email"] for user in [*first["results"], *rest]}
    assert found == {str(owner["userId"]): owner["email"] for owner in owners}


def test_subscription_types_of_the_first_version(portal: Wire) -> None:
    body = portal.ask("GET", "/email/public/v1/subscriptions").json()
    assert {"id", "portalId", "name", "active", "category", "channel"} <= body["subscriptionDefinitions"][0].keys()


def test_engagements_of_the_first_version(portal: Wire) -> None:
    """Every activity comes once, whatever the size of a page, and says what it belongs to."""
    seen: list[tuple[str, int]] = []
    offset: Any = ""
    while True:
        page = portal.ask("GET", f"/engagements/v1/engagements/paged?limit=7&offset={offset}").json()
        seen += [(row["engagement"]["type"], row["engagement"]["id"]) for row in page["results"]]
        offset = page["offset"]
        if not page["hasMore"]:
            break
    counts = {kind: len([one for one in seen if one[0] == kind]) for kind in ("NOTE", "TASK", "MEETING")}
    for kind, name in (("NOTE", "notes"), ("TASK", "tasks"), ("MEETING", "meetings")):
        rows = portal.ask("GET", f"/crm/v3/objects/{name}?limit=100").json()["results"]
        assert counts[kind] == len(rows) > 0
    assert len(seen) == len(set(seen))
    whole = portal.ask("GET", "/engagements/v1/engagements/paged?limit=250").json()
    [task] = [
        row
        for row in whole["results"]
        if row["engagement"]["type"] == "TASK" and str(row["engagement"]["id"]) == portal.ids["tasks"]
    ]
    assert task.keys() == {"engagement", "associations", "attachments", "metadata"}
    assert {"id", "portalId", "active", "createdAt", "lastUpdated", "type", "timestamp"} <= task["engagement"].keys()
    assert task["associations"]["contactIds"] == [int(portal.ids["contacts"])]
    assert task["metadata"]["subject"].startswith("Call back")
    assert portal.ask("GET", "/engagements/v1/engagements/paged?limit=251").status_code == 400


def test_recent_engagements_of_the_first_version(portal: Wire) -> None:
    path = "/engagements/v1/engagements/recent/modified"
    first = portal.ask("GET", f"{path}?count=5").json()
    assert (len(first["results"]), first["hasMore"], first["offset"]) == (5, True, 5)
    changed = [row["engagement"]["lastUpdated"] for row in first["results"]]
    assert changed == sorted(changed, reverse=True)
    assert portal.ask("GET", f"{path}?since={changed[0] + 1}").json()["total"] == 0
    assert portal.ask("GET", f"{path}?count=101").status_code == 400


def test_marketing_emails_and_workflows_of_older_versions(portal: Wire) -> None:
    path = "/marketing-emails/v1/emails/with-statistics"
    page = portal.ask("GET", f"{path}?limit=2&orderBy=-created").json()
    assert (page["limit"], page["offset"], len(page["objects"])) == (2, 0, min(2, page["total"]))
    created = [email["created"] for email in page["objects"]]
    assert created == sorted(created, reverse=True)
    assert all(email["stats"]["counters"]["sent"] > 0 for email in page["objects"])
    assert portal.ask("GET", f"{path}?offset={page['total']}").json()["objects"] == []
    assert portal.ask("GET", f"{path}?orderBy=colour").status_code == 400
    assert portal.ask("GET", "/automation/v3/workflows").json() == {"workflows": []}


def test_header_names_are_spelled_as_recorded(portal: Wire, org: Session) -> None:
    """A published source parses the charset only where `content-type` is small, and fails."""
    names = list(portal.ask("GET", C).headers)
    assert {"Content-Type", "Date", "X-HubSpot-Correlation-Id", "X-HubSpot-RateLimit-Daily-Remaining"} <= set(names)
    assert {"Content-Type", "Sforce-Limit-Info"} <= set(org.ask("GET", "limits").headers)


def test_a_session_ends_when_the_client_logs_out(org: Session) -> None:
    session = Session(org.sandbox)
    form = {"token": session.token["access_token"]}
    assert org.sandbox.session.post(f"{org.url}/services/oauth2/revoke", data=form, timeout=30).status_code == 200
    assert session.ask("GET", "limits").status_code == 401

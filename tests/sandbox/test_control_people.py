"""`/_sandbox/edit`, `convert`, `merge`, `delete`, `empty-recycle-bin`, `expire-tokens`: what people do in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Sandbox

PLAN = {"scenario": "lakeshore", "contacts": 300, "seed": 3}


@pytest.fixture
def lakeshore(sandbox: Sandbox) -> Sandbox:
    sandbox.control("POST", "/load", **PLAN)
    sandbox.control("POST", "/clock", now="2026-11-20T15:00:00Z", frozen=True)
    return sandbox


def records(sandbox: Sandbox, name: str) -> dict[str, dict[str, Any]]:
    found = sandbox.control("GET", "/dump?system=salesforce&times=true")["salesforce"].get(name, [])
    return {record["Id"]: record for record in found}


def leads(sandbox: Sandbox) -> list[str]:
    """Ids of open leads that people own."""
    return [
        key
        for key, lead in records(sandbox, "Lead").items()
        if not lead["IsConverted"] and not lead["IsDeleted"] and lead["OwnerId"].startswith("005")
    ]


def test_a_person_edits_a_lead(lakeshore: Sandbox) -> None:
    key, *_ = leads(lakeshore)
    before = records(lakeshore, "Lead")[key]
    changes = {"Status": "Working - Contacted", "Title": "Owner"}
    body = {"system": "salesforce", "object": "Lead", "id": key[:15], "changes": changes}
    edited = lakeshore.control("POST", "/edit", **body)["record"]
    assert edited == {**before, **changes, **{name: edited[name] for name in ("SystemModstamp", "LastModifiedDate")},
                      "LastModifiedById": before["OwnerId"]}  # fmt: skip
    assert edited["SystemModstamp"] == "2026-11-20T15:00:00.000+0000" > before["SystemModstamp"]
    manager = next(key for key, user in records(lakeshore, "User").items() if user["Title"] == "Intake Manager")
    again = lakeshore.control("POST", "/edit", **body, user=manager)["record"]
    assert again["LastModifiedById"] == manager


def test_an_admin_deactivates_a_user(lakeshore: Sandbox) -> None:
    key = next(key for key, user in records(lakeshore, "User").items() if user["Title"] == "Intake Manager")
    body = {"system": "salesforce", "object": "User", "id": key, "changes": {"IsActive": False}}
    lakeshore.control("POST", "/edit", **body)
    body = LEAD | {"id": leads(lakeshore)[0], "changes": {"OwnerId": key}}
    assert "INACTIVE_OWNER_OR_USER" in refused(lakeshore, "edit", body)
    assert "no object" in refused(lakeshore, "delete", {"object": "User", "id": key})


def test_a_person_edits_a_contact_in_hubspot(sandbox: Sandbox) -> None:
    (key,) = sandbox.hubspot_contacts("kim@example.org")
    body = {"system": "hubspot", "object": "contacts", "id": key}
    edited = sandbox.control("POST", "/edit", **body, changes={"city": "Evanston"})["record"]
    assert edited["properties"]["city"] == "Evanston"
    assert sandbox.ask("GET", f"/crm/v3/objects/contacts/{key}?properties=city").json()["properties"]["city"] == (
        "Evanston"
    )


def test_convert_and_its_refusals(lakeshore: Sandbox) -> None:
    key, other, *_ = leads(lakeshore)
    made = lakeshore.control("POST", "/convert", lead=key, opportunity="First visit")
    assert set(made) == {"ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId"}
    assert set(lakeshore.control("POST", "/convert", lead=other)) == {"ConvertedAccountId", "ConvertedContactId"}
    (role,) = records(lakeshore, "OpportunityContactRole").values()
    assert (role["OpportunityId"], role["ContactId"]) == (made["ConvertedOpportunityId"], made["ConvertedContactId"])
    body = {"system": "salesforce", "object": "Lead", "id": key, "changes": {"Title": "Owner"}}
    for path, again in (("convert", {"lead": key}), ("edit", body)):
        assert "CANNOT_UPDATE_CONVERTED_LEAD" in refused(lakeshore, path, again)


def test_merge_delete_and_the_recycle_bin(lakeshore: Sandbox) -> None:
    master, loser, gone, *_ = leads(lakeshore)
    lakeshore.control("POST", "/merge", object="Lead", master=master, losers=[loser])
    assert lakeshore.control("POST", "/delete", object="lead", id=gone)["record"]["IsDeleted"] is True
    binned = {key: lead for key, lead in records(lakeshore, "Lead").items() if lead["IsDeleted"]}
    assert {key: lead.get("MasterRecordId") for key, lead in binned.items()} == {loser: master, gone: None}
    assert lakeshore.control("POST", "/undelete", object="Lead", id=gone)["record"]["IsDeleted"] is False
    lakeshore.control("POST", "/delete", object="Lead", id=gone)
    assert lakeshore.control("POST", "/empty-recycle-bin", object="Lead") == {"gone": {"Lead": 2}}
    assert not {loser, gone} & records(lakeshore, "Lead").keys()
    assert "Lead" not in lakeshore.control("POST", "/empty-recycle-bin")["gone"]


def test_expired_tokens_are_refused(lakeshore: Sandbox) -> None:
    given = lakeshore.salesforce
    form = {"grant_type": "client_credentials", "client_id": given["client_id"],
            "client_secret": given["client_secret"]}  # fmt: skip
    reply = lakeshore.session.post(f"{given['url']}/services/oauth2/token", data=form, timeout=10).json()
    headers = {"Authorization": f"Bearer {reply['access_token']}"}

    def status() -> int:
        url = f"{given['url']}/services/data/v66.0/limits"
        return lakeshore.session.get(url, headers=headers, timeout=10).status_code

    assert status() == 200
    lakeshore.control("POST", "/expire-tokens")
    assert status() == 401


def refused(sandbox: Sandbox, path: str, body: Any) -> str:
    answer = sandbox.session.post(f"{sandbox.hubspot['url']}/_sandbox/{path}", json=body, timeout=10)
    assert answer.status_code == 400, answer.text
    text: str = answer.json()["error"]
    return text


LEAD = {"system": "salesforce", "object": "Lead", "id": "00QgK0000zzzzzz", "changes": {"Title": "x"}}


@pytest.mark.parametrize(
    ("path", "body", "part"),
    [
        ("edit", LEAD, "has no record"),
        ("edit", LEAD | {"system": "marketo"}, "salesforce or hubspot"),
        ("edit", LEAD | {"id": "x"}, "must be a record id"),
        ("edit", LEAD | {"changes": []}, "changes is an object"),
        ("edit", LEAD | {"object": "Shoe"}, "no object"),
        ("edit", LEAD | {"object": "Organization"}, "no object"),
        ("edit", LEAD | {"user": "005gK0000zzzzzz"}, "no active user"),
        ("edit", LEAD | {"why": "so"}, "no such key: why"),
        ("edit", {"system": "hubspot", "object": "contacts", "id": "7", "changes": {}}, "not found"),
        ("edit", {"system": "hubspot", "object": "shoes", "id": "7", "changes": {}}, "object must be one of"),
        ("convert", {"lead": "00QgK0000zzzzzz"}, "has no record"),
        ("convert", {"lead": "00QgK0000zzzzzz", "opportunity": ""}, "opportunity is its name"),
        ("merge", {"object": "Task", "master": "00TgK0000zzzzzz", "losers": []}, "has no record"),
        ("merge", {"object": "Lead", "master": "00QgK0000zzzzzz", "losers": "all"}, "losers is a list"),
        ("delete", {"object": "Lead", "id": "00QgK0000zzzzzz"}, "has no record"),
        ("delete", {}, "no object"),
        ("empty-recycle-bin", {"object": "User"}, "no object"),
        ("expire-tokens", {"now": True}, "no such key"),
    ],
)
def test_nonsense_is_refused_with_a_reason(sandbox: Sandbox, path: str, body: Any, part: str) -> None:
    assert part in refused(sandbox, path, body)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"Shoe__c": "9"}, "No such column 'Shoe__c'"),
        ({"IsConverted": True}, "Unable to create/update fields: IsConverted"),
        ({"Status": "Lost"}, "restricted picklist"),
        ({"LastName": None}, "Required fields are missing: [LastName]"),
        ({"OwnerId": "005gK0000zzzzzz"}, "invalid cross reference id"),
    ],
)
def test_the_page_refuses_what_the_org_refuses(lakeshore: Sandbox, changes: dict[str, Any], part: str) -> None:
    key, *_ = leads(lakeshore)
    assert part in refused(lakeshore, "edit", LEAD | {"id": key, "changes": changes})

"""Forms: their definitions, submitting to them, and reading what was submitted."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot
from hubspot.marketing.forms.exceptions import ApiException

if TYPE_CHECKING:
    from conftest import Sandbox

NOW = "2026-11-17T15:00:00Z"
NOW_MS = 1_794_927_600_000
DAY_MS = 86_400_000
PORTAL = 48_000_155
HUTK = "0123456789abcdef0123456789abcdef"
FORM: dict[str, Any] = json.loads((Path(__file__).parent / "hubspot_form.json").read_text())


@pytest.fixture
def portal(sandbox: Sandbox) -> Sandbox:
    sandbox.control("POST", "/clock", now=NOW, frozen=True)
    return sandbox


def made(portal: Sandbox, **changes: Any) -> dict[str, Any]:
    reply = portal.ask("POST", "/marketing/v3/forms", {**FORM, **changes})
    assert reply.status_code == 201, reply.text
    return reply.json()


def configured(**changes: Any) -> dict[str, Any]:
    return {"configuration": {**FORM["configuration"], **changes}}


def submit(
    portal: Sandbox, form: dict[str, Any], body: dict[str, Any], *, secure: bool = True, status: int = 200
) -> dict[str, Any]:
    way = "secure/submit" if secure else "submit"
    url = f"{portal.hubspot['url']}/submissions/v3/integration/{way}/{PORTAL}/{form['id']}"
    headers = {"Authorization": f"Bearer {portal.hubspot['token']}"} if secure else {}
    reply = portal.session.post(url, json=body, headers=headers, timeout=10)
    assert reply.status_code == status, reply.text
    return reply.json()


def fields(**values: str) -> list[dict[str, str]]:
    return [{"objectTypeId": "0-1", "name": name, "value": value} for name, value in values.items()]


def errors(portal: Sandbox, form: dict[str, Any], body: dict[str, Any], *, secure: bool = True) -> list[str]:
    told = submit(portal, form, body, secure=secure, status=400)
    assert told["status"] == "error"
    assert told["message"] == "The request is not valid"
    assert "category" not in told
    assert told["correlationId"]
    return [error["errorType"] for error in told["errors"]]


def contact(portal: Sandbox, email: str, *names: str) -> dict[str, Any]:
    reply = portal.ask("GET", f"/crm/v3/objects/contacts/{email}?idProperty=email&properties={','.join(names)}")
    assert reply.status_code == 200, reply.text
    return {**reply.json()["properties"], "id": reply.json()["id"]}


# -- definitions -----------------------------------------------------------------------------------------------------


def test_the_official_client_keeps_forms(portal: Sandbox) -> None:
    api = HubSpot(access_token=portal.hubspot["token"], host=portal.hubspot["url"]).marketing.forms.forms_api
    first = api.create(form_definition_create_request_base=FORM)
    assert first.name == "Ask a nurse"
    for number in range(3):
        made(portal, name=f"Form {number}")
    page = api.get_page(limit=3)
    rest = api.get_page(limit=3, after=page.paging.next.after)
    assert len(page.results) == 3
    assert {one.name for one in (*page.results, *rest.results)} == {"Ask a nurse", "Form 0", "Form 1", "Form 2"}
    one = api.get_by_id(first.id)
    group = one.field_groups[0]
    assert group.fields[0].to_dict()["name"] == "email"
    assert one.configuration.post_submit_action.value == "We call you."
    changed = api.update(first.id, hub_spot_form_definition_patch_request={"name": "Ask a doctor"})
    assert (changed.name, changed.created_at) == ("Ask a doctor", first.created_at)
    whole = portal.ask("GET", f"/marketing/v3/forms/{first.id}").json()
    replaced = api.replace(first.id, hub_spot_form_definition={**whole, "name": "Ask anybody"})
    assert replaced.name == "Ask anybody"
    api.archive(first.id)
    with pytest.raises(ApiException) as refused:
        api.get_by_id(first.id)
    assert refused.value.status == 404
    assert [one.id for one in api.get_page(archived=True).results] == [first.id]


def test_form_types_and_the_dated_path(portal: Sandbox) -> None:
    form = made(portal)
    assert portal.ask("GET", "/marketing/v3/forms?formTypes=captured").json() == {"results": []}
    assert portal.ask("GET", "/marketing/v3/forms?formTypes=all").json()["results"] == [form]
    assert portal.ask("GET", "/marketing/forms/2026-09-beta").json()["results"] == [form]
    assert portal.ask("GET", "/marketing/v3/forms?formTypes=new").status_code == 400


@pytest.mark.parametrize("missing", ["name", "configuration", "createdAt", "fieldGroups"])
def test_a_form_must_be_whole(portal: Sandbox, missing: str) -> None:
    reply = portal.ask("POST", "/marketing/v3/forms", {key: value for key, value in FORM.items() if key != missing})
    assert reply.status_code == 400
    assert missing in reply.json()["message"]


def test_fields_are_of_properties(portal: Sandbox) -> None:
    wrong = copy.deepcopy(FORM)
    wrong["fieldGroups"][0]["fields"][1]["name"] = "no_such_property"
    assert portal.ask("POST", "/marketing/v3/forms", wrong).status_code == 400
    wrong["fieldGroups"][0]["fields"][1] |= {"name": "firstname", "fieldType": "guess"}
    assert portal.ask("POST", "/marketing/v3/forms", wrong).status_code == 400


# -- submitting ------------------------------------------------------------------------------------------------------


def test_a_submission_makes_a_contact_and_then_changes_it(portal: Sandbox) -> None:
    form = made(portal)
    context = {"pageUri": "https://www.example.org/ask", "pageName": "Ask us", "hutk": HUTK}
    told = submit(portal, form, {"fields": fields(email="Kim@example.org", firstname="Kim"), "context": context})
    assert told == {"inlineMessage": "We call you."}
    names = ("lifecyclestage", "first_conversion_event_name", "recent_conversion_event_name", "num_conversion_events")
    more = ("num_unique_conversion_events", "first_conversion_date", "recent_conversion_date", "firstname")
    first = contact(portal, "kim@example.org", *names, *more)
    assert first["lifecyclestage"] == "lead"
    assert first["recent_conversion_event_name"] == "Ask us: Ask a nurse"
    assert first["recent_conversion_date"] == first["first_conversion_date"] == "2026-11-17T15:00:00.000Z"
    other = made(portal, name="Newsletter")
    portal.control("POST", "/clock", advance_seconds=60)
    submit(portal, form, {"fields": fields(email="kim@example.org", firstname="")})
    submit(portal, other, {"fields": fields(email="kim@example.org")})
    second = contact(portal, "kim@example.org", *names, *more)
    assert second["id"] == first["id"]
    assert second["firstname"] == "Kim"
    assert (second["num_conversion_events"], second["num_unique_conversion_events"]) == ("3", "2")
    assert second["recent_conversion_event_name"] == "Newsletter"
    assert second["first_conversion_event_name"] == first["first_conversion_event_name"]
    assert second["recent_conversion_date"] == "2026-11-17T15:01:00.000Z"


def test_a_form_may_set_the_stage_but_only_forward(portal: Sandbox) -> None:
    stages = [{"objectTypeId": "0-1", "value": "marketingqualifiedlead"}]
    form = made(portal, **configured(lifecycleStages=stages))
    portal.hubspot_contacts("old@example.org", lifecyclestage="customer")
    for email in ("new@example.org", "old@example.org"):
        submit(portal, form, {"fields": fields(email=email)})
    assert contact(portal, "new@example.org", "lifecyclestage")["lifecyclestage"] == "marketingqualifiedlead"
    assert contact(portal, "old@example.org", "lifecyclestage")["lifecyclestage"] == "customer"


def test_a_known_visitor_takes_the_new_address(portal: Sandbox) -> None:
    form, context = made(portal), {"hutk": HUTK}
    submit(portal, form, {"fields": fields(email="kim@example.org"), "context": context})
    before = contact(portal, "kim@example.org")["id"]
    submit(portal, form, {"fields": fields(email="kim.new@example.org"), "context": context})
    assert contact(portal, "kim.new@example.org")["id"] == before
    apart = made(portal, **configured(createNewContactForNewEmail=True))
    submit(portal, apart, {"fields": fields(email="kim.other@example.org"), "context": context})
    assert contact(portal, "kim.other@example.org")["id"] != before


def test_a_redirecting_form(portal: Sandbox) -> None:
    action = {"type": "redirect_url", "value": "https://www.example.org/thanks"}
    form = made(portal, **configured(postSubmitAction=action))
    assert submit(portal, form, {"fields": fields(email="a@example.org")}) == {"redirectUri": action["value"]}


def test_what_the_form_service_refuses(portal: Sandbox) -> None:
    form, good = made(portal), fields(email="kim@example.org")
    told = submit(portal, form, {"fields": []}, status=400)
    assert told["errors"] == [
        {"message": "Error in 'fields.email'. Required field 'email' is missing", "errorType": "REQUIRED_FIELD"}
    ]
    assert errors(portal, form, {"fields": fields(email="kim at example")}) == ["INVALID_EMAIL"]
    assert errors(portal, form, {"fields": fields(email="kim@blocked.example.org")}) == ["BLOCKED_EMAIL"]
    assert errors(portal, form, {"fields": good + fields(firstname="x" * 65_537)}) == ["INPUT_TOO_LARGE"]
    assert errors(portal, form, {"fields": good + fields(numemployees="7")}) == ["VALUE_NOT_IN_FIELD_DEFINITION"]
    assert errors(portal, form, {"fields": good * 1_001}) == ["MAX_NUMBER_OF_SUBMITTED_VALUES_EXCEEDED"]
    dialled = copy.deepcopy(FORM)
    dialled["fieldGroups"][0]["fields"][1] |= {"name": "phone", "fieldType": "phone"}
    asking = made(portal, fieldGroups=dialled["fieldGroups"])
    assert errors(portal, asking, {"fields": good + fields(phone="555-01")}) == ["INVALID_PHONE_NUMBER"]
    for key, wrong, kind in (
        ("hutk", "no cookie", "INVALID_HUTK"),
        ("ipAddress", "1.2.3", "INVALID_IP_ADDRESS"),
        ("pageUri", "no page", "INVALID_PAGE_URI"),
    ):
        assert errors(portal, form, {"fields": good, "context": {key: wrong}}) == [kind]
    assert errors(portal, form, {"fields": good, "submittedAt": NOW_MS - 32 * DAY_MS}) == ["INVALID_METADATA"]
    submit(portal, form, {"fields": good, "submittedAt": NOW_MS - 30 * DAY_MS})
    guarded = made(portal, **configured(recaptchaEnabled=True))
    assert errors(portal, guarded, {"fields": good}) == ["FORM_HAS_RECAPTCHA_ENABLED"]
    assert portal.control("GET", "/inspect")["hubspot"]["marketing"]["form_submissions"] == 1


def test_legal_consent(portal: Sandbox) -> None:
    form, base = made(portal), {"fields": fields(email="kim@example.org")}
    types = portal.ask("GET", "/communication-preferences/v3/definitions").json()["subscriptionDefinitions"]
    box = {"value": True, "subscriptionTypeId": int(types[0]["id"]), "text": "Send me news."}
    consent = {"consentToProcess": True, "text": "I agree.", "communications": [box]}
    for wrong, kind in (
        ({**consent, "consentToProcess": False}, "MISSING_PROCESSING_CONSENT"),
        ({**consent, "text": ""}, "MISSING_PROCESSING_CONSENT_TEXT"),
        ({**consent, "communications": [{**box, "text": ""}]}, "MISSING_COMMUNICATION_CONSENT_TEXT"),
        ({**consent, "communications": [box, box]}, "DUPLICATE_SUBSCRIPTION_TYPE_ID"),
    ):
        assert errors(portal, form, {**base, "legalConsentOptions": {"consent": wrong}}) == [kind]
    both = {"consent": consent, "legitimateInterest": {"value": True, "text": "x"}}
    assert errors(portal, form, {**base, "legalConsentOptions": both}) == ["INVALID_LEGAL_OPTION_FORMAT"]
    submit(portal, form, {**base, "legalConsentOptions": {"consent": consent}})
    kim = contact(portal, "kim@example.org", "hs_legal_basis")
    assert kim["hs_legal_basis"] == "Freely given consent from contact"
    statuses = portal.ask("GET", "/communication-preferences/v4/statuses/kim@example.org?channel=EMAIL").json()
    assert [one["status"] for one in statuses["results"]] == ["SUBSCRIBED", "NOT_SPECIFIED"]


def test_without_a_token_only_the_forms_own_fields(portal: Sandbox) -> None:
    form = made(portal)
    extra = {"fields": fields(email="kim@example.org", lastname="Ford")}
    assert errors(portal, form, extra, secure=False) == ["FIELD_NOT_IN_FORM_DEFINITION"]
    submit(portal, form, extra)
    submit(portal, form, {"fields": fields(email="lee@example.org")}, secure=False)
    assert errors(portal, form, {"fields": fields(email="kim@example.org", no_such="x")}) == [
        "FIELD_NOT_IN_FORM_DEFINITION"
    ]
    url = f"{portal.hubspot['url']}/submissions/v3/integration/secure/submit/{PORTAL}/{form['id']}"
    assert portal.session.post(url, json=extra, timeout=10).status_code == 401


def test_a_form_that_is_not_there_takes_nothing(portal: Sandbox) -> None:
    form, body = made(portal), {"fields": fields(email="kim@example.org")}
    portal.ask("DELETE", f"/marketing/v3/forms/{form['id']}")
    for gone in (form, {"id": "00000000-0000-0000-0000-000000000000"}):
        assert submit(portal, gone, body, status=404)["errors"][0]["errorType"] == "FORM_NOT_FOUND"


# -- reading ---------------------------------------------------------------------------------------------------------


def test_submissions_newest_first_page_by_page(portal: Sandbox) -> None:
    form = made(portal)
    for number in range(55):
        body = {"fields": fields(email=f"kim.{number}@example.org"), "submittedAt": NOW_MS - number * 1000}
        submit(portal, form, {**body, "context": {"pageUri": f"https://www.example.org/{number}"}})
    path = f"/form-integrations/v1/submissions/forms/{form['id']}"
    first = portal.ask("GET", path).json()
    assert len(first["results"]) == 20
    assert first["results"][0] == {
        "submittedAt": NOW_MS,
        "values": [{"name": "email", "value": "kim.0@example.org", "objectTypeId": "0-1"}],
        "pageUrl": "https://www.example.org/0",
    }
    found, page = [], portal.ask("GET", f"{path}?limit=50").json()
    while True:
        found += page["results"]
        if "paging" not in page:
            break
        assert f"after={page['paging']['next']['after']}" in page["paging"]["next"]["link"]
        page = portal.ask("GET", f"{path}?limit=50&after={page['paging']['next']['after']}").json()
    assert [one["submittedAt"] for one in found] == [NOW_MS - number * 1000 for number in range(55)]
    assert portal.ask("GET", f"{path}?limit=51").status_code == 400
    assert portal.ask("GET", "/form-integrations/v1/submissions/forms/none").status_code == 404


def test_fields_of_other_objects_stay_in_the_submission(portal: Sandbox) -> None:
    form = made(portal)
    values = [*fields(email="kim@example.org"), {"objectTypeId": "0-2", "name": "name", "value": "Ford Practice"}]
    submit(portal, form, {"fields": values})
    (one,) = portal.ask("GET", f"/form-integrations/v1/submissions/forms/{form['id']}").json()["results"]
    assert one["values"] == [
        {"name": v["name"], "value": v["value"], "objectTypeId": v["objectTypeId"]} for v in values
    ]

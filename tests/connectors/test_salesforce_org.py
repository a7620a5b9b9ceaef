"""Setting an org up, counting and listing what it holds, and asking whether all is well."""

from typing import Any

import pytest

from connectors.salesforce.admin import SalesforceAdmin
from connectors.salesforce.census import SalesforceCensus
from connectors.salesforce.probe import SalesforceProbe
from crosswalk.ports import FieldSpec
from tests.connectors.salesforce_wire import EXTERNAL_ID_FIELDS, Org
from tests.way import Fault

SPECS = [
    *EXTERNAL_ID_FIELDS,
    FieldSpec("Lead", "Journey_Stage__c", "picklist", "Journey Stage", values=("aware", "engaged")),
    FieldSpec("Lead", "Score__c", "number", "Score"),
    FieldSpec("Lead", "Consent__c", "checkbox", "Consent"),
    FieldSpec("Lead", "Consent_At__c", "datetime", "Consent At"),
    FieldSpec("Lead", "Recycle_On__c", "date", "Recycle On"),
    FieldSpec("Lead", "Story__c", "long_text", "Story", 2000),
    FieldSpec("Lead", "Page__c", "url", "Page"),
    FieldSpec("Lead", "Work_Email__c", "email", "Work Email"),
    FieldSpec("Lead", "Direct__c", "phone", "Direct"),
    FieldSpec("Task", "Reason__c", "text", "Reason", 80),
    FieldSpec("Lead", "Email", "email", custom=False),
    FieldSpec("Lead", "Description", "long_text", length=2000, custom=False),
]
DENIED = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "insufficient access rights"}]


@pytest.fixture
def bare(org: Org) -> Org:
    """An org as it was before setup."""
    org.control("load", {"scenario": "empty"})
    org.forget()
    return org


def states(reports: list[Any]) -> dict[str, str]:
    return {f"{one.spec.object}.{one.spec.name}": one.state for one in reports}


def test_setup_creates_grants_and_is_idempotent(bare: Org) -> None:
    admin = SalesforceAdmin(bare.session())
    assert set(states(admin.check(SPECS)).values()) == {"missing", "present"}
    assert bare.way.count("POST") == 1
    made = admin.create(SPECS)
    assert [one.spec for one in made] == SPECS
    assert {one.state for one in made if one.spec.custom} == {"created"}
    assert {one.state for one in made if not one.spec.custom} == {"present"}
    assert set(states(SalesforceAdmin(bare.session()).check(SPECS)).values()) == {"present"}
    bare.forget()
    assert set(states(admin.create(SPECS)).values()) == {"present"}
    assert {one.method for one in bare.way.asked} == {"GET"}
    assert len(bare.way.asked) == 3


def test_a_field_that_exists_but_is_hidden_is_granted(bare: Org) -> None:
    """An API-made field is visible to nobody: a setup that stopped half-way must be able to go on."""
    spec = FieldSpec("Lead", "Score__c", "number", "Score")
    admin = SalesforceAdmin(bare.session())
    bare.way.faults = [Fault("POST", "sobjects/(PermissionSet|FieldPermissions)", 403, DENIED, times=1)]
    (hidden,) = admin.create([spec])
    assert hidden.state == "missing"
    assert "INSUFFICIENT_ACCESS" in hidden.advice
    (report,) = admin.create([spec])
    assert report.state == "created"
    assert states(admin.check([spec])) == {"Lead.Score__c": "present"}


def test_a_field_of_somebody_else_is_not_altered(bare: Org) -> None:
    admin = SalesforceAdmin(bare.session())
    admin.create([FieldSpec("Lead", "Code__c", "text", "Code", 20)])
    needed = [
        FieldSpec("Lead", "Code__c", "text", "Code", 64),
        FieldSpec(
            "Lead", "Status", "picklist", "Lead Status", values=("Open - Not Contacted", "Recycled"), custom=False
        ),
        FieldSpec("Lead", "Nope", "text", custom=False),
    ]
    bare.forget()
    long, status, nope = admin.create(needed)
    assert long.state == status.state == "different"
    assert "raise Length from 20 to 64" in long.advice
    assert status.advice == (
        "Setup → Object Manager → Lead → Fields & Relationships → Lead Status → Values → New: add Recycled."
    )
    assert nope.state == "missing"
    assert bare.way.count("POST", "tooling") == 0


def test_a_refused_creation_comes_back_as_missing_with_advice(bare: Org) -> None:
    spec = FieldSpec("Lead", "Score__c", "number", "Score")
    bare.way.faults = [Fault("POST", "tooling", 403, DENIED)]
    (report,) = SalesforceAdmin(bare.session()).create([spec])
    assert report.state == "missing"
    assert "INSUFFICIENT_ACCESS" in report.advice
    assert "Setup → Object Manager → Lead → Fields & Relationships → New → Number" in report.advice
    assert bare.way.count("POST", "PermissionSet") == 0


def test_census_counts_and_lists(org: Org) -> None:
    census = SalesforceCensus(org.session())
    assert census.count("Lead") == 0
    org.seed("Lead", {"LastName": "Roe", "Company": "Old", "Email": "roe@example.org"})
    target = org.target(bulk_threshold=10_000)
    receipts = list(target.apply([org.create() for _ in range(2050)]))
    org.session().call("DELETE", f"sobjects/Lead/{receipts[0].record_id}")
    assert census.count("Lead") == 2049
    pages = list(census.records("Lead", ["Email", "Crosswalk_Id__c"]))
    assert [len(page) for page in pages] == [2000, 50]
    listed = [one for page in pages for one in page]
    assert len({one.record_id for one in listed}) == 2050
    assert sum(one.external_id is None for one in listed) == 1
    assert all(set(one.fields) == {"Email", "Crosswalk_Id__c"} and not one.closed for one in listed)
    assert list(census.records("Contact", ["Email"])) in ([], [[]])


def test_users_and_queues_are_found_by_the_names_that_routing_uses(org: Org) -> None:
    found = SalesforceCensus(org.session()).users()
    assert found["intake01@lakeshore.example.org"].startswith("005")
    assert found["Nurse_Line"].startswith("00G")
    inactive = {one["Email"].lower() for one in org.records("User") if one["IsActive"] is False}
    assert inactive
    assert not inactive & set(found)
    page = {"done": True, "totalSize": 3, "records": [
        {"Id": "005A", "Email": "Shared@example.org", "Username": "A@example.org.prod"},
        {"Id": "005B", "Email": "shared@example.org", "Username": "b@example.org.prod"},
        {"Id": "005C", "Email": "c@example.org", "Username": "shared@example.org.prod"},
    ]}  # fmt: skip
    queue = {"done": True, "totalSize": 1, "records": [{"Id": "00G1", "DeveloperName": "Intake_Nurses"}]}
    org.way.faults = [Fault("GET", "FROM\\+User", 200, page), Fault("GET", "FROM\\+Group", 200, queue)]
    assert SalesforceCensus(org.session()).users() == {
        "a@example.org.prod": "005A",
        "b@example.org.prod": "005B",
        "c@example.org": "005C",
        "shared@example.org.prod": "005C",
        "Intake_Nurses": "00G1",
    }


def test_a_healthy_org(org: Org) -> None:
    lines = SalesforceProbe(org.session()).health()
    assert all(one.ok and not one.advice for one in lines)
    assert [one.subject.split(" at ")[0].split(":")[0] for one in lines] == [
        "Salesforce sign-in",
        "Salesforce API v62.0",
        "Salesforce API requests left today",
        "Salesforce Lead",
        "Salesforce Task",
        "Salesforce Contact",
    ]
    assert len(org.way.asked) == 6


def test_ill_health_is_said_in_plain_words(org: Org) -> None:
    org.way.faults = [
        Fault("GET", "limits", 200, {"DailyApiRequests": {"Max": 100, "Remaining": 3}}),
        Fault("GET", "Lead/describe", 200, {"queryable": True, "createable": True, "updateable": False}),
        Fault("GET", "Task/describe", 404, [{"errorCode": "NOT_FOUND", "message": "?"}]),
    ]
    ill = {one.subject.split(":")[0]: one.advice for one in SalesforceProbe(org.session()).health() if not one.ok}
    assert set(ill) == {"Salesforce API requests left today", "Salesforce Lead", "Salesforce Task"}
    assert "Edit on Lead" in ill["Salesforce Lead"]


def test_a_version_that_is_not_served_is_named(org: Org) -> None:
    *_, line = SalesforceProbe(org.session(version="99")).health()
    assert not line.ok
    assert "api_version" in line.advice


def test_without_a_sign_in_there_is_one_line_and_no_exception(org: Org) -> None:
    org.way.faults = [Fault("POST", "oauth2/token", 400, {"error": "invalid_client", "error_description": "no"})]
    (line,) = SalesforceProbe(org.session()).health()
    assert not line.ok
    assert "CLIENT_SECRET" in line.advice

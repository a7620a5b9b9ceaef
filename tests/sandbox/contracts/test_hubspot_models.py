"""Every HubSpot reply, key by key, against the models that HubSpot's own client generates from its specification."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.sandbox.contracts.conftest import RECORDS, Wire, record
from tests.sandbox.contracts.models import departures

PACKAGES = {
    "contacts": "crm.contacts",
    "companies": "crm.companies",
    "deals": "crm.deals",
    "notes": "crm.objects.notes",
    "tasks": "crm.objects.tasks",
    "meetings": "crm.objects.meetings",
}
ONE, LINKED = "SimplePublicObject", "SimplePublicObjectWithAssociations"
LIST = "CollectionResponseSimplePublicObjectWithAssociationsForwardPaging"
FOUND = "CollectionResponseWithTotalSimplePublicObjectForwardPaging"
BATCH, MIXED = "BatchResponseSimplePublicObject", "BatchResponseSimplePublicObjectWithErrors"


class Case(NamedTuple):
    """A request, and what its reply must be. Ids in braces are those of the fixture's records."""

    method: str
    path: str
    body: Any
    status: int
    model: str
    package: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


def of_type(kind: str) -> list[Case]:
    """What every object type answers."""
    at, key = f"/crm/v3/objects/{kind}", f"{{{kind}}}"
    made = record(kind, "{n}")
    good, bad = {"properties": {}, "id": key}, {"properties": {"no_such_property": "1"}, "id": f"{{last_{kind}}}"}
    traced = [{**good, "objectWriteTraceId": "good"}, {**bad, "objectWriteTraceId": "bad"}]
    return [
        Case("GET", at, None, 200, LIST),
        Case("GET", f"{at}?limit=3&properties=hs_object_id&associations=contacts,companies", None, 200, LIST),
        Case("GET", f"{at}?archived=true", None, 200, LIST),
        Case("GET", f"{at}/{key}?associations=contacts,companies", None, 200, LINKED),
        Case("GET", f"/crm/objects/2026-03/{kind}/{key}", None, 200, LINKED),
        Case("GET", f"{at}/987654321", None, 404, "Error"),
        Case("POST", at, {"properties": made, "associations": []}, 201, ONE),
        Case("POST", at, {"properties": {"no_such_property": "1"}}, 400, "Error"),
        Case("PATCH", f"{at}/{key}", {"properties": {}}, 200, ONE),
        Case("POST", f"{at}/search", {"limit": 2}, 200, FOUND),
        Case("POST", f"{at}/search", {"query": "nobody at all", "limit": 2}, 200, FOUND),
        Case("POST", f"{at}/search", {"limit": 201}, 400, "Error"),
        Case("POST", f"{at}/batch/read", {"inputs": [{"id": key}], "properties": []}, 200, BATCH),
        Case("POST", f"{at}/batch/read", {"inputs": [{"id": key}, {"id": "987654321"}]}, 207, MIXED),
        Case("POST", f"{at}/batch/create", {"inputs": [{"properties": made}]}, 201, BATCH),
        Case("POST", f"{at}/batch/update", {"inputs": [good]}, 200, BATCH),
        Case("POST", f"{at}/batch/update", {"inputs": traced}, 207, MIXED),
        Case("POST", f"{at}/batch/update", {"inputs": [bad]}, 400, "Error"),
    ]


PERSON = {"id": "person99@example.org", "idProperty": "email", "properties": {"firstname": "Lee"}}
UPSERTS = [
    Case("POST", "/crm/v3/objects/contacts/batch/upsert", {"inputs": [PERSON]}, 200,
         "BatchResponseSimplePublicUpsertObject", "crm.contacts"),
    Case("POST", "/crm/v3/objects/contacts/batch/upsert",
         {"inputs": [{**PERSON, "objectWriteTraceId": "1"},
                     {**PERSON, "id": "no address", "objectWriteTraceId": "2"}]}, 207,
         "BatchResponseSimplePublicUpsertObjectWithErrors", "crm.contacts"),
    Case("POST", "/crm/v3/objects/contacts", {"properties": {"email": "person0@example.org"}}, 409, "Error",
         "crm.contacts"),
]  # fmt: skip

SHOE = {"name": "shoe_size", "label": "Shoe size", "type": "number", "fieldType": "number",
        "groupName": "contactinformation"}  # fmt: skip
OPTION = {"label": "Left", "value": "left", "displayOrder": 0, "hidden": False}
FOOT = {**SHOE, "name": "foot", "type": "enumeration", "fieldType": "select", "options": [OPTION]}
PORTAL = [
    Case("GET", "/crm/v3/properties/contacts", None, 200, "CollectionResponsePropertyNoPaging", "crm.properties"),
    Case("GET", "/crm/v3/properties/deals/dealstage", None, 200, "ModelProperty", "crm.properties"),
    Case("GET", "/crm/v3/properties/contacts/no_such", None, 404, "Error", "crm.properties"),
    Case("POST", "/crm/v3/properties/contacts", SHOE, 201, "ModelProperty", "crm.properties"),
    Case("POST", "/crm/v3/properties/contacts", SHOE, 409, "Error", "crm.properties"),
    Case("POST", "/crm/v3/properties/contacts", FOOT, 201, "ModelProperty", "crm.properties"),
    Case("GET", "/crm/v3/owners?limit=2", None, 200, "CollectionResponsePublicOwnerForwardPaging", "crm.owners"),
    Case("GET", "/crm/v3/owners/987654321", None, 404, "Error", "crm.owners"),
]

ENDS = {"from": {"id": "{contacts}"}, "to": {"id": "{companies}"}}
PRIMARY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}
PAIR = "/crm/v4/objects/contacts/{contacts}/associations"
PAIRS = "/crm/v4/associations/contacts/companies/batch"
ASSOCIATIONS = [
    Case(method, path, body, status, model, "crm.associations.v4")
    for method, path, body, status, model in [
        ("PUT", f"{PAIR}/default/companies/{{companies}}", None, 200, "BatchResponsePublicDefaultAssociation"),
        ("PUT", f"{PAIR}/companies/{{companies}}", [PRIMARY], 201, "LabelsBetweenObjectPair"),
        ("GET", f"{PAIR}/companies", None, 200, "CollectionResponseMultiAssociatedObjectWithLabelForwardPaging"),
        ("GET", f"{PAIR}/deals?limit=1", None, 200, "CollectionResponseMultiAssociatedObjectWithLabelForwardPaging"),
        ("POST", f"{PAIRS}/create", {"inputs": [{**ENDS, "types": [PRIMARY]}]}, 201,
         "BatchResponseLabelsBetweenObjectPair"),
        ("POST", f"{PAIRS}/associate/default", {"inputs": [ENDS]}, 200, "BatchResponsePublicDefaultAssociation"),
        ("POST", f"{PAIRS}/read", {"inputs": [{"id": "{contacts}"}]}, 200,
         "BatchResponsePublicAssociationMultiWithLabel"),
        ("POST", f"{PAIRS}/read", {"inputs": [{"id": "{contacts}"}, {"id": "{last_contacts}"}]}, 207,
         "BatchResponsePublicAssociationMultiWithLabelWithErrors"),
    ]
]  # fmt: skip


def checked(portal: Wire, case: Case) -> None:
    answer = portal.ask(case.method, case.path, case.body)
    assert answer.status_code == case.status, answer.text
    assert departures(answer.json(), case.package, case.model) == []


@pytest.mark.parametrize(
    "case", [case._replace(package=PACKAGES[kind]) for kind in PACKAGES for case in of_type(kind)], ids=str
)
def test_objects(portal: Wire, case: Case) -> None:
    portal.renumber()
    checked(portal, case)


@pytest.mark.parametrize("case", [*UPSERTS, *PORTAL, *ASSOCIATIONS], ids=str)
def test_the_rest_of_the_portal(portal: Wire, case: Case) -> None:
    checked(portal, case)


def test_an_owner(portal: Wire) -> None:
    first = portal.ask("GET", "/crm/v3/owners").json()["results"][0]
    assert departures(portal.ask("GET", f"/crm/v3/owners/{first['id']}").json(), "crm.owners", "PublicOwner") == []


def test_the_comparison_sees_what_is_wrong() -> None:
    """The walker itself: each kind of departure has a line."""
    good = {"id": "1", "properties": {"email": None}, "createdAt": "2026-11-16T14:00:00.000Z",
            "updatedAt": "2026-11-16T14:00:00Z", "archived": False}  # fmt: skip
    assert departures(good, "crm.contacts", ONE) == []
    bad = {"id": 1, "properties": {"email": 2}, "updatedAt": "yesterday", "archived": "no", "vid": 5}
    assert departures(bad, "crm.contacts", ONE) == [
        "SimplePublicObject.vid: unknown key",
        "SimplePublicObject.createdAt: missing",
        "SimplePublicObject.archived: str is no bool",
        "SimplePublicObject.id: int is no str",
        "SimplePublicObject.properties[email]: int is no str",
        "SimplePublicObject.updatedAt: 'yesterday' is no moment",
    ]
    body = {"status": "DONE", "results": [bad], "startedAt": "x", "completedAt": "2026-11-16T14:00:00Z"}
    assert any(line.startswith("BatchResponseSimplePublicObject.status: Invalid") for line in
               departures(body, "crm.contacts", BATCH))  # fmt: skip


def test_every_type_of_the_fixture_is_asked() -> None:
    assert PACKAGES.keys() == RECORDS.keys()

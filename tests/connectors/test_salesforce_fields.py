"""Described fields are compared with what a mapping needs; advice says where to click."""

from typing import Any

import pytest

from connectors.salesforce.fields import compare, definition
from crosswalk.ports import FieldSpec


def described(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "length": 255, "createable": True, "updateable": True, "picklistValues": [], **more}


def spec(kind: str = "text", name: str = "Motion__c", **more: Any) -> FieldSpec:
    return FieldSpec("Lead", name, kind, "Motion", **more)


@pytest.mark.parametrize(
    ("needed", "found"),
    [
        (spec("text", length=64), described("string")),
        (spec("text"), described("reference", length=18)),
        (spec("long_text", length=2000), described("textarea", length=32768)),
        (spec("number"), described("double", length=0)),
        (spec("number"), described("int", length=0)),
        (spec("checkbox"), described("boolean", length=0)),
        (spec("datetime"), described("datetime", length=0)),
        (spec("picklist", values=("a",)), described("picklist", picklistValues=[{"value": "a", "active": True}])),
        (spec("text", external_id=True), described("string", externalId=True)),
        (spec("text", name="FirstName", custom=False), described("string", length=40)),
    ],
)
def test_a_field_that_does_is_present(needed: FieldSpec, found: dict[str, Any]) -> None:
    assert compare(needed, found).state == "present"


@pytest.mark.parametrize(
    ("needed", "found", "words"),
    [
        (spec("number"), described("string"), ["type string", "Number"]),
        (spec("text"), described("datetime", length=0), ["type datetime", "Text"]),
        (spec("text", length=500), described("string"), ["raise Length from 255 to 500"]),
        (spec("text", external_id=True), described("string"), ["tick External ID"]),
        (spec("text"), described("string", updateable=False), ["Field-Level Security"]),
        (
            spec("picklist", values=("a", "b", "c")),
            described("picklist", picklistValues=[{"value": "a"}, {"value": "b", "active": False}]),
            ["Values → New", "b, c"],
        ),
    ],
)
def test_a_field_that_does_not_do_is_different_with_advice(
    needed: FieldSpec, found: dict[str, Any], words: list[str]
) -> None:
    report = compare(needed, found)
    if report.state == "present":
        raise AssertionError("should differ")
    assert report.state == "different"
    assert report.advice.startswith("Setup → Object Manager → Lead → Fields & Relationships → Motion")
    for word in words:
        assert word in report.advice


def test_a_missing_field_is_described_click_by_click() -> None:
    advice = compare(spec("text", length=64, external_id=True), None).advice
    assert "Setup → Object Manager → Lead → Fields & Relationships → New → Text: Field Name Motion, Length 64" in advice
    assert "External ID" in advice
    assert "standard field" in compare(spec("text", name="Fax", custom=False), None).advice


def test_task_fields_are_defined_on_activity() -> None:
    needed = FieldSpec("Task", "Crosswalk_Id__c", "text", "Crosswalk Id", 64, external_id=True)
    assert definition(needed) == {
        "FullName": "Activity.Crosswalk_Id__c",
        "Metadata": {
            "label": "Crosswalk Id",
            "description": "Written by Crosswalk.",
            "required": False,
            "type": "Text",
            "length": 64,
            "externalId": True,
            "unique": True,
            "caseSensitive": False,
        },
    }
    assert "Activity" in compare(needed, None).advice


@pytest.mark.parametrize(
    ("kind", "length", "made"),
    [
        ("text", 500, "LongTextArea"),
        ("long_text", None, "LongTextArea"),
        ("number", None, "Number"),
        ("checkbox", None, "Checkbox"),
        ("date", None, "Date"),
        ("datetime", None, "DateTime"),
        ("picklist", None, "Picklist"),
        ("email", None, "Email"),
        ("phone", None, "Phone"),
        ("url", None, "Url"),
    ],
)
def test_every_type_can_be_defined(kind: str, length: int | None, made: str) -> None:
    assert definition(FieldSpec("Lead", "X__c", kind, length=length, values=("a",)))["Metadata"]["type"] == made

"""Properties that the hub needs in a portal: checked, made once, never altered."""

import pytest

from crosswalk.domain.planning import Change, Update
from crosswalk.ports import Admin, Connector, FieldSpec
from tests.connectors.wire import CannedServer, Portal, Reply, hubspot

SPECS = [
    FieldSpec("contacts", "crosswalk_a_text", "text", "A text"),
    FieldSpec("contacts", "crosswalk_a_note", "long_text", "A note"),
    FieldSpec("contacts", "crosswalk_a_number", "number", "A number"),
    FieldSpec("contacts", "crosswalk_a_box", "checkbox", "A box"),
    FieldSpec("contacts", "crosswalk_a_day", "date", "A day"),
    FieldSpec("contacts", "crosswalk_a_time", "datetime", "A time"),
    FieldSpec("contacts", "crosswalk_a_choice", "picklist", "A choice", values=("one", "two")),
    FieldSpec("contacts", "lifecyclestage", "", custom=False),
]


def admin(connector: Connector) -> Admin:
    assert connector.admin
    return connector.admin


def made(connector: Connector) -> int:
    assert connector.calls
    return connector.calls.made


@pytest.mark.feature("FBK-06")
def test_setup_makes_what_is_missing_and_is_idempotent(portal: Portal) -> None:
    first, again = portal.connect(), portal.connect()
    assert [one.state for one in admin(first).check(SPECS)] == ["missing"] * 7 + ["present"]
    assert made(first) == 1
    assert [one.state for one in admin(first).create(SPECS)] == ["created"] * 7 + ["present"]
    assert made(first) == 2 + 7
    assert [one.state for one in admin(again).create(SPECS)] == ["present"] * 8
    assert made(again) == 1


def test_what_was_made_takes_the_values_it_is_for(portal: Portal) -> None:
    admin(portal.connect()).create(SPECS)
    (key,) = portal.create(1)
    wanted = {
        "crosswalk_a_text": "x",
        "crosswalk_a_note": "y\nz",
        "crosswalk_a_number": 1.5,
        "crosswalk_a_box": True,
        "crosswalk_a_day": "2026-11-16",
        "crosswalk_a_time": "2026-11-16T15:00:00Z",
        "crosswalk_a_choice": "two",
    }
    target = portal.connect().target
    assert target
    changes = {name: Change(None, value) for name, value in wanted.items()}
    (receipt,) = target.apply([Update("a", "contacts", key, key, changes)])
    assert receipt.values == {
        **wanted,
        "crosswalk_a_number": "1.5",
        "crosswalk_a_box": "true",
        "crosswalk_a_time": "2026-11-16T15:00:00.000Z",
    }


def test_a_property_of_somebody_else_is_not_altered(portal: Portal) -> None:
    admin(portal.connect()).create(SPECS)
    other = [
        FieldSpec("contacts", "crosswalk_a_text", "number"),
        FieldSpec("contacts", "crosswalk_a_choice", "picklist", "A choice", values=("one", "three")),
        FieldSpec("contacts", "crosswalk_a_text", "text", external_id=True),
        FieldSpec("contacts", "createdate", "", custom=False),
        FieldSpec("contacts", "no_such_property", "", custom=False),
    ]
    connector = portal.connect()
    reports = admin(connector).create(other)
    assert [one.state for one in reports] == ["different"] * 4 + ["missing"]
    advice = [one.advice for one in reports]
    assert "number is needed" in advice[0]
    assert "add three" in advice[1]
    assert "unique" in advice[2]
    assert "itself" in advice[3]
    assert "field mapping" in advice[4]
    assert made(connector) == 1


def test_a_property_that_cannot_be_made_is_told_and_the_others_are_made(portal: Portal) -> None:
    bad = FieldSpec("contacts", "Not A Name", "text", "Bad")
    missing, good = admin(portal.connect()).create([bad, SPECS[0]])
    assert (missing.state, good.state) == ("missing", "created")
    assert "Create property" in missing.advice


def test_a_property_made_by_somebody_else_in_the_meantime_is_compared(canned: CannedServer) -> None:
    exists = {"category": "OBJECT_ALREADY_EXISTS", "message": "m"}
    listed = {"results": [{"name": "crosswalk_a_text", "type": "string"}]}
    canned.replies = [Reply.json(200, {"results": []}), Reply.json(409, exists), Reply.json(200, listed)]
    (report,) = admin(hubspot(canned.url, "token")).create(SPECS[:1])
    assert report.state == "present"

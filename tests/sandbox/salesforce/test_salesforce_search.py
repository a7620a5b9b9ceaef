"""SOSL and searches by parameters; what resources a version names; layouts."""

from __future__ import annotations

import pytest

ME = {"FirstName": "Joe", "LastName": "Smith", "Email": "joe.smith@example.org", "Phone": "(555) 555-0100"}


@pytest.fixture
def org(wire):
    """Two leads and a contact; returns the wire and the ids in this order."""
    wire.keys = [
        wire.lead(**ME, Company="Acme Clinic"),
        wire.lead(FirstName="Jane", LastName="Smythe", Company="Smith & Sons", Email="jane@example.org"),
        wire.ask("POST", "sobjects/Contact", ME).json()["id"],
    ]
    return wire


def search(wire, text, path="search/"):
    return wire.ask("GET", path, params={"q": text})


def found(wire, text):
    reply = search(wire, text)
    assert reply.status_code == 200, reply.text
    return [record["Id"] for record in reply.json()["searchRecords"]]


def refused(reply):
    assert reply.status_code == 400
    [error] = reply.json()
    return error["errorCode"], error["message"]


def test_the_official_client_searches(org, official):
    reply = official.search("FIND {Joe Smith} IN NAME FIELDS RETURNING Lead(Id, Name), Contact(Id, Account.Name)")
    lead, contact = reply["searchRecords"]
    assert lead["attributes"] == {"type": "Lead", "url": f"/services/data/v66.0/sobjects/Lead/{org.keys[0]}"}
    assert (lead["Name"], contact["Id"], contact["Account"]) == ("Joe Smith", org.keys[2], None)
    ids = {record["Id"] for record in official.quick_search("Smith")["searchRecords"]}
    assert ids == set(org.keys)  # the company counts among all fields


@pytest.mark.parametrize(
    ("term", "places"),
    [
        ("SMITH", [0, 1]),
        ("smit", []),
        ("smi*", [0, 1]),
        ("sm?th*", [0, 1]),
        ("smythe AND jane", [1]),
        ("smith AND NOT jane", [0]),
        ("smythe OR acme", [0, 1]),
        ("(smythe OR acme) AND joe", [0]),
        ('"joe smith"', [0]),
        ('"smith joe"', []),
        ('"Smith & Sons"', [1]),
        (r"Smith \& Sons", [1]),
        ("joe.smith@example.org", [0]),
        ("5555550100", [0]),
        (r"555\-0100", [0]),
    ],
)
def test_what_a_term_matches(org, term, places):
    assert found(org, f"FIND {{{term}}} RETURNING Lead(Id ORDER BY CreatedDate)") == [org.keys[at] for at in places]


@pytest.mark.parametrize(
    ("group", "term", "count"),
    [("NAME", "acme", 0), ("name", "joe", 1), ("EMAIL", "joe", 1), ("EMAIL", "smith", 1), ("PHONE", "0100", 1),
     ("PHONE", "joe", 0), ("SIDEBAR", "0100", 1), ("ALL", "clinic", 1)],
)  # fmt: skip
def test_groups_of_fields(org, group, term, count):
    assert len(found(org, f"FIND {{{term}}} IN {group} Fields RETURNING Lead")) == count


def test_conditions_order_and_limits(org):
    both = "FIND {smith} RETURNING Lead(Id ORDER BY LastName DESC{})"
    assert found(org, both.replace("{}", "")) == [org.keys[1], org.keys[0]]
    assert found(org, both.replace("{}", " LIMIT 1")) == [org.keys[1]]
    assert found(org, both.replace("{}", " LIMIT 1 OFFSET 1")) == [org.keys[0]]
    assert found(org, "FIND {smith} RETURNING Lead(Id WHERE Email LIKE 'joe%'), Contact") == [org.keys[0], org.keys[2]]
    # The limit of the whole is spread over the objects.
    assert found(org, "FIND {smith} RETURNING Lead(Id ORDER BY LastName), Contact LIMIT 2") == [
        org.keys[0],
        org.keys[2],
    ]


def test_deleted_records_are_not_found(org):
    assert org.ask("DELETE", f"sobjects/Lead/{org.keys[0]}").status_code == 204
    assert found(org, "FIND {acme} RETURNING Lead") == []


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces."),
        ("FIND 'Jones' IN ALL FIELDS", "MALFORMED_SEARCH", "No search term found."),
        ("FIND {a}", "MALFORMED_SEARCH", "search term must be longer than one character: a"),
        ("FIND {a*}", "MALFORMED_SEARCH", "search term must be longer than one character: a*"),
        ("FIND {*acme}", "MALFORMED_SEARCH", "a search term begins"),
        ("FIND {acme", "MALFORMED_SEARCH", "expecting '}'"),
        (
            "FIND {John|jane@example.org} RETURNING Contact",
            "MALFORMED_SEARCH",
            "\n         ^\nERROR at Row:1:Column:10\nline 1:10 mismatched character '|' expecting '}'",
        ),
        ("FIND {Mary-Ann}", "MALFORMED_SEARCH", "mismatched character '-'"),
        (
            "FIND {name} IN ALL TYPE RETURNING Account(name)",
            "MALFORMED_SEARCH",
            "\n                  ^\nERROR at Row:1:Column:19\nMalformed search token: TYPE",
        ),
        ("FIND {name} IN NO FIELDS", "MALFORMED_SEARCH", "Malformed search token: NO"),
        ("FIND {acme OR}", "MALFORMED_SEARCH", "unexpected token"),
        ("FIND {(acme} RETURNING Lead", "MALFORMED_SEARCH", "unexpected token"),
        ("FIND {acme} RETURNING Lead(Id", "MALFORMED_SEARCH", "Malformed search token"),
        ("FIND {acme} RETURNING Lead(Id WHERE Name)", "MALFORMED_SEARCH", "Malformed search token: )"),
        ("FIND {acme} RETURNING Lead(COUNT(Id))", "MALFORMED_SEARCH", "Malformed search token: ("),
        ("FIND {acme} RETURNING Task(Id WHERE Description = 'x')", "INVALID_FIELD", "Description"),
        ("FIND {acme} LIMIT 2001", "MALFORMED_SEARCH", "LIMIT is at most 2000"),
        ("FIND {acme} WITH DIVISION = 'x'", "MALFORMED_SEARCH", "Malformed search token: WITH"),
        ("FIND {acme} RETURNING Lead(Nope)", "INVALID_FIELD", "No such column 'Nope' on entity 'Lead'"),
        ("FIND {acme} RETURNING Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported"),
        ("FIND {acme} RETURNING Group", "INVALID_TYPE", "does not support search"),
    ],
)
def test_refusals(org, text, code, message):
    told = refused(search(org, text))
    assert told[0] == code
    assert message in told[1]


def test_parameters_in_the_address(org):
    query = {"q": "smith", "sobject": ["Lead", "Contact"], "fields": "id,name", "Lead.fields": "Id,Email",
             "Lead.where": "LastName = 'Smith'", "Lead.limit": "5", "defaultLimit": "10"}  # fmt: skip
    lead, contact = org.ask("GET", "parameterizedSearch/", params=query).json()["searchRecords"]
    assert (lead["Id"], lead["Email"], "Name" in lead) == (org.keys[0], ME["Email"], False)
    assert (contact["Id"], contact["Name"]) == (org.keys[2], "Joe Smith")
    everywhere = search(org, '"Smith & Sons"', "parameterizedSearch").json()["searchRecords"]
    assert [record["Id"] for record in everywhere] == [org.keys[1]]


def test_parameters_in_a_body(org):
    lead = {"name": "Lead", "fields": ["Id", "Name"], "orderBy": "LastName DESC", "limit": 1}
    body = {"q": "sm*", "in": "NAME", "sobjects": [lead, {"name": "Contact"}], "overallLimit": 10}
    reply = org.ask("POST", "parameterizedSearch", body).json()["searchRecords"]
    assert [record["Id"] for record in reply] == [org.keys[1], org.keys[2]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"q": "a"},
        {"q": "smith", "in": "EVERYTHING"},
        {"q": "smith", "fields": ["Id"]},
        {"q": "smith", "defaultLimit": 3},
        {"q": "smith", "sobjects": ["Lead"]},
        {"q": "smith", "sobjects": [{"name": "Lead", "colour": "red"}]},
        {"q": "smith", "sobjects": [{"name": "Lead", "fields": "Id"}]},
        {"q": "smith", "sobjects": [{"name": "Lead", "limit": 2001}]},
        {"q": "smith", "dataCategories": []},
    ],
)
def test_parameters_that_are_refused(org, body):
    assert refused(org.ask("POST", "parameterizedSearch", body))[0] == "MALFORMED_SEARCH"


def test_older_versions(org):
    assert isinstance(search(org, "FIND {acme}", "/services/data/v36.0/search").json(), list)
    assert search(org, "acme", "/services/data/v36.0/parameterizedSearch").status_code == 200
    assert search(org, "acme", "/services/data/v35.0/parameterizedSearch").status_code == 404


def test_every_resource_that_is_named_is_there(wire):
    named = wire.ask("GET", "").json()
    identity = named.pop("identity")
    assert wire.session.get(identity, headers={"Authorization": f"Bearer {wire.token}"}, timeout=9).status_code == 200
    assert {"composite", "jobs", "parameterizedSearch", "query", "search", "sobjects", "tooling"} <= named.keys()
    for path in named.values():
        assert wire.ask("GET", path).status_code in (200, 400), path  # 400: a query or a search without its text


def test_the_layout_of_an_object(wire):
    body = wire.ask("GET", "sobjects/Lead/describe/layouts/").json()
    assert body.keys() == {"layouts", "recordTypeMappings", "recordTypeSelectorRequired"}
    [layout], [mapping] = body["layouts"], body["recordTypeMappings"]
    assert (mapping["layoutId"], mapping["name"], body["recordTypeSelectorRequired"]) == (
        layout["id"],
        "Master",
        [False],
    )
    described = {field["name"]: field for field in wire.ask("GET", "sobjects/Lead/describe").json()["fields"]}
    rows = layout["detailLayoutSections"][0]["layoutRows"]
    shown = {
        part["value"]: part["details"]
        for row in rows
        for item in row["layoutItems"]
        for part in item["layoutComponents"]
    }
    assert shown == {name: field for name, field in described.items() if name != "Id"}
    assert wire.ask("GET", mapping["urls"]["layout"]).json() == layout
    assert wire.ask("GET", "sobjects/Lead/describe/layouts/012000000000001AAA").status_code == 404
    assert wire.ask("GET", "sobjects/Group/describe/layouts").status_code == 404

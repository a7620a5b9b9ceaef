"""Search: operators, caps, order, paging, and an index that trails the records."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Sandbox

SEARCH = "/crm/v3/objects/contacts/search"


def rule(name: str, operator: str, *values: str) -> dict[str, Any]:
    body: dict[str, Any] = {"propertyName": name, "operator": operator}
    if operator in ("IN", "NOT_IN"):
        return {**body, "values": list(values)}
    return {**body, **dict(zip(("value", "highValue"), values, strict=False))}


def found(sandbox: Sandbox, *filters: dict[str, Any], **more: Any) -> list[str]:
    """The e-mail names of what matches all filters, in the order of the answer."""
    body = {"filterGroups": [{"filters": list(filters)}] if filters else [], "limit": 200, **more}
    answer = sandbox.ask("POST", SEARCH, body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["results"])
    return [row["properties"]["email"].partition("@")[0] for row in answer.json()["results"]]


@pytest.fixture
def people(sandbox: Sandbox) -> dict[str, str]:
    """Four contacts, five minutes apart; name -> id."""
    sandbox.control("POST", "/clock", now="2026-11-16T15:00:00Z", frozen=True)
    number = {"name": "beds", "label": "Beds", "type": "number", "fieldType": "number"}
    number["groupName"] = "contactinformation"
    assert sandbox.ask("POST", "/crm/v3/properties/contacts", number).status_code == 201
    seeds: dict[str, dict[str, Any]] = {
        "ann": {"firstname": "Ann", "city": "Gary", "beds": "9", "hs_lead_status": "NEW"},
        "bob": {"firstname": "Bob", "city": "South Bend", "beds": "10", "hs_lead_status": "OPEN"},
        "cay": {"firstname": "Cay", "city": "GARY", "closedate": "2026-01-31", "hs_legal_basis": "Not applicable"},
        "dov": {
            "firstname": "Dov",
            "closedate": "2026-02-01T12:00:00Z",
            "hs_legal_basis": "Performance of a contract;Not applicable",
        },
    }
    keys = {}
    for name, properties in seeds.items():
        [keys[name]] = sandbox.hubspot_contacts(f"{name}@mail.example.org", **properties)
        sandbox.control("POST", "/clock", advance_seconds=300)
    return keys


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([rule("city", "EQ", "gary")], "ann cay"),
        ([rule("city", "NEQ", "gary")], "bob"),
        ([rule("city", "IN", "gary", "south bend")], "ann bob cay"),
        ([rule("city", "IN", "Gary", "South Bend")], ""),
        ([rule("city", "NOT_IN", "gary")], "bob"),
        ([rule("city", "HAS_PROPERTY")], "ann bob cay"),
        ([rule("city", "NOT_HAS_PROPERTY")], "dov"),
        ([rule("city", "CONTAINS_TOKEN", "bend")], "bob"),
        ([rule("city", "CONTAINS_TOKEN", "ben")], ""),
        ([rule("city", "CONTAINS_TOKEN", "ben*")], "bob"),
        ([rule("city", "NOT_CONTAINS_TOKEN", "bend")], "ann cay"),
        ([rule("email", "CONTAINS_TOKEN", "*@mail.example.org")], "ann bob cay dov"),
        ([rule("email", "EQ", "Ann@MAIL.example.org")], "ann"),
        ([rule("email", "IN", "ann@mail.example.org", "Bob@mail.example.org")], "ann"),
        ([rule("hs_email_domain", "EQ", "mail.example.org")], "ann bob cay dov"),
        ([rule("beds", "EQ", "9")], "ann"),
        ([rule("hs_lead_status", "EQ", "NEW")], "ann"),
        ([rule("hs_lead_status", "EQ", "new")], ""),
        ([rule("hs_lead_status", "IN", "NEW", "OPEN")], "ann bob"),
        ([rule("hs_legal_basis", "EQ", "Not applicable")], "cay dov"),
        ([rule("hs_legal_basis", "IN", "Performance of a contract")], "dov"),
        ([rule("closedate", "LT", "2026-02-01")], "cay"),
        ([rule("closedate", "GTE", "1769904000000")], "dov"),
        ([rule("closedate", "BETWEEN", "2026-01-31", "2026-02-02")], "cay dov"),
        ([rule("lastmodifieddate", "GTE", "2026-11-16T15:05:00.000Z")], "bob cay dov"),
        ([rule("lastmodifieddate", "GT", "2026-11-16T15:05:00.000Z")], "cay dov"),
        ([rule("lastmodifieddate", "BETWEEN", "1794841500000", "1794841800000")], "bob cay"),
        ([rule("lastmodifieddate", "LT", "2026-11-16T15:05:00.000Z"), rule("city", "EQ", "gary")], "ann"),
        ([rule("createdate", "LTE", "2026-11-16T15:05:00.000Z")], "ann bob"),
    ],
)
def test_operators(sandbox: Sandbox, people: dict[str, str], filters: list[dict[str, Any]], expected: str) -> None:
    assert found(sandbox, *filters) == expected.split()


def test_groups_are_alternatives_and_a_query_narrows(sandbox: Sandbox, people: dict[str, str]) -> None:
    groups = [{"filters": [rule("city", "EQ", "gary")]}, {"filters": [rule("hs_lead_status", "EQ", "OPEN")]}]
    assert found(sandbox, filterGroups=groups) == ["ann", "bob", "cay"]
    assert found(sandbox, filterGroups=groups, query="ca") == ["cay"]
    assert found(sandbox, query="bob") == ["bob"]
    assert found(sandbox) == ["ann", "bob", "cay", "dov"]


def test_associations_are_searched_like_a_property(sandbox: Sandbox, people: dict[str, str]) -> None:
    company = sandbox.ask("POST", "/crm/v3/objects/companies", {"properties": {"name": "Lakeview"}}).json()["id"]
    for name in ("ann", "cay"):
        path = f"/crm/v4/objects/contacts/{people[name]}/associations/default/companies/{company}"
        assert sandbox.ask("PUT", path).status_code == 200
    assert found(sandbox, rule("associations.company", "EQ", company)) == ["ann", "cay"]
    assert found(sandbox, rule("associations.company", "EQ", company), rule("beds", "EQ", "9")) == ["ann"]
    assert found(sandbox, rule("associations.company", "IN", company, "4711")) == ["ann", "cay"]
    assert found(sandbox, rule("associations.deal", "EQ", company)) == []
    assert found(sandbox, rule("associations.company", "EQ", "4711")) == []
    for bad in (rule("associations.company", "GT", company), rule("associations.unicorn", "EQ", company)):
        assert sandbox.ask("POST", SEARCH, {"filterGroups": [{"filters": [bad]}]}).status_code == 400


def test_record_ids_compare_as_numbers(sandbox: Sandbox, people: dict[str, str]) -> None:
    low, high = people["bob"], people["cay"]
    assert found(sandbox, rule("hs_object_id", "GT", low)) == ["cay", "dov"]
    assert found(sandbox, rule("hs_object_id", "GTE", low), rule("hs_object_id", "LT", high)) == ["bob"]
    assert found(sandbox, rule("hs_object_id", "BETWEEN", low, high)) == ["bob", "cay"]
    assert found(sandbox, rule("hs_object_id", "EQ", low)) == ["bob"]
    assert found(sandbox, rule("hs_object_id", "IN", high, low, "4711")) == ["bob", "cay"]
    assert found(sandbox, rule("hs_object_id", "NEQ", low)) == ["ann", "cay", "dov"]
    assert found(sandbox, rule("hs_object_id", "GT", high), rule("hs_object_id", "LT", low)) == []
    assert int(people["ann"]) < int(people["dov"])


@pytest.mark.parametrize(
    ("name", "ascending"),
    [
        ("hs_object_id", "ann bob cay dov"),
        ("lastmodifieddate", "ann bob cay dov"),
        ("createdate", "ann bob cay dov"),
        ("beds", "ann bob"),
        ("firstname", "ann bob cay dov"),
        ("closedate", "cay dov"),
    ],
)
def test_sorting_by_type(sandbox: Sandbox, people: dict[str, str], name: str, ascending: str) -> None:
    only = rule(name, "HAS_PROPERTY")
    expected = ascending.split()
    for direction, order in (("ASCENDING", expected), ("DESCENDING", expected[::-1])):
        assert found(sandbox, only, sorts=[{"propertyName": name, "direction": direction}]) == order
        everyone = found(sandbox, sorts=[{"propertyName": name, "direction": direction}])
        assert everyone[: len(order)] == order  # those without a value come last either way
        assert len(everyone) == 4


def test_the_newest_change_is_one_cheap_question(sandbox: Sandbox, people: dict[str, str]) -> None:
    body = {"limit": 1, "sorts": [{"propertyName": "lastmodifieddate", "direction": "DESCENDING"}]}
    answer = sandbox.ask("POST", SEARCH, body).json()
    assert (answer["total"], answer["results"][0]["id"]) == (4, people["dov"])
    sandbox.ask("PATCH", f"/crm/v3/objects/contacts/{people['ann']}", {"properties": {"city": "Hammond"}})
    assert sandbox.ask("POST", SEARCH, body).json()["results"][0]["id"] == people["ann"]


@pytest.mark.parametrize("name", ["hs_object_id", "lastmodifieddate", "firstname"])
@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
def test_paging_by_after_meets_everyone_once(sandbox: Sandbox, name: str, direction: str) -> None:
    keys = sandbox.hubspot_contacts(*(f"p{n}@example.org" for n in range(23)), firstname="Same")
    seen: list[str] = []
    after: str | None = None
    while True:
        body: dict[str, Any] = {"limit": 5, "sorts": [{"propertyName": name, "direction": direction}]}
        page = sandbox.ask("POST", SEARCH, body | ({"after": after} if after else {})).json()
        seen += [row["id"] for row in page["results"]]
        assert page["total"] == 23
        if "paging" not in page:
            break
        after = page["paging"]["next"]["after"]
        assert after == str(len(seen))
    assert sorted(seen, key=int) == keys


def test_keyset_paging_over_a_window_meets_everyone_in_order(sandbox: Sandbox) -> None:
    keys = [key for n in range(3) for key in sandbox.hubspot_contacts(*(f"p{n}x{m}@example.org" for m in range(90)))]
    window = rule("lastmodifieddate", "BETWEEN", "2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z")
    seen: list[str] = []
    while True:
        filters = [window, rule("hs_object_id", "GT", seen[-1] if seen else "0")]
        sorts = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
        body = {"filterGroups": [{"filters": filters}], "sorts": sorts, "limit": 200}
        page = sandbox.ask("POST", SEARCH, body).json()
        assert page["total"] == len(keys) - len(seen)
        seen += [row["id"] for row in page["results"]]
        if len(page["results"]) < 200:
            break
    assert seen == keys


def groups_of(*sizes: int) -> list[dict[str, Any]]:
    return [{"filters": [rule("city", "HAS_PROPERTY")] * size} for size in sizes]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 0},
        {"limit": "many"},
        {"filterGroups": groups_of(1, 1, 1, 1, 1, 1)},
        {"filterGroups": groups_of(7)},
        {"filterGroups": groups_of(6, 6, 6, 1)},
        {"filterGroups": groups_of(0)},
        {"filterGroups": [{"filters": [rule("city", "LIKE", "x")]}]},
        {"filterGroups": [{"filters": [rule("no_such_property", "HAS_PROPERTY")]}]},
        {"filterGroups": [{"filters": [rule("city", "EQ")]}]},
        {"filterGroups": [{"filters": [rule("city", "IN")]}]},
        {"filterGroups": [{"filters": [rule("closedate", "BETWEEN", "2026-01-01")]}]},
        {"filterGroups": [{"filters": [rule("closedate", "GT", "soon")]}]},
        {"filterGroups": [{"filters": [rule("hs_object_id", "GT", "x")]}]},
        {"sorts": [{"propertyName": "city"}, {"propertyName": "zip"}]},
        {"sorts": [{"propertyName": "no_such_property"}]},
        {"sorts": [{"propertyName": "city", "direction": "UP"}]},
        {"sorts": [["city"]]},
        {"properties": [["email"]]},
        {"after": "abc"},
        {"after": "9990", "limit": 11},
        {"query": "x" * 3_000},
        [],
    ],
)
def test_what_search_refuses(sandbox: Sandbox, body: Any) -> None:
    answer = sandbox.ask("POST", SEARCH, body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_more_than_ten_thousand_may_match_but_not_be_paged(sandbox: Sandbox) -> None:
    sandbox.control("POST", "/load", scenario="lakeshore", contacts=11_000)
    last = sandbox.ask("POST", SEARCH, {"limit": 200, "after": "9800"})
    assert last.status_code == 200
    assert last.json()["total"] > 10_000
    assert last.json()["paging"]["next"]["after"] == "10000"
    beyond = sandbox.ask("POST", SEARCH, {"limit": 200, "after": "10000"})
    assert beyond.status_code == 400


def test_a_write_shows_only_when_the_index_has_caught_up(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("old@example.org", city="Gary")
    assert found(sandbox) == ["old"]
    sandbox.control("POST", "/settings", index_lag_seconds=60)
    sandbox.hubspot_contacts("new@example.org")
    sandbox.ask("PATCH", f"/crm/v3/objects/contacts/{key}", {"properties": {"city": "Hammond"}})
    assert found(sandbox) == ["old"]
    assert found(sandbox, rule("city", "EQ", "gary")) == ["old"]
    assert (
        sandbox.ask("GET", f"/crm/v3/objects/contacts/{key}?properties=city").json()["properties"]["city"] == "Hammond"
    )
    sandbox.control("POST", "/clock", advance_seconds=61)
    assert found(sandbox) == ["old", "new"]
    assert found(sandbox, rule("city", "EQ", "gary")) == []
    assert found(sandbox, rule("city", "EQ", "hammond")) == ["old"]


def test_the_lag_passes_in_real_time_even_for_a_frozen_clock(
    sandbox: Sandbox, eventually: Callable[[Callable[[], bool]], bool]
) -> None:
    sandbox.control("POST", "/clock", frozen=True)
    sandbox.control("POST", "/settings", index_lag_seconds=0.3)
    sandbox.hubspot_contacts("new@example.org")
    assert found(sandbox) == []
    assert eventually(lambda: found(sandbox) == ["new"])


def test_just_archived_contacts_are_counted_but_not_shown(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("old@example.org")
    assert found(sandbox) == ["old"]
    sandbox.control("POST", "/settings", index_lag_seconds=60)
    sandbox.ask("DELETE", f"/crm/v3/objects/contacts/{key}")
    assert sandbox.ask("POST", SEARCH, {}).json() == {"total": 1, "results": []}
    sandbox.control("POST", "/clock", advance_seconds=61)
    assert sandbox.ask("POST", SEARCH, {}).json() == {"total": 0, "results": []}


def test_seeded_contacts_are_searchable_at_once(sandbox: Sandbox) -> None:
    sandbox.control("POST", "/settings", index_lag_seconds=60)
    loaded = sandbox.control("POST", "/load", scenario="lakeshore", contacts=150)
    assert sandbox.ask("POST", SEARCH, {}).json()["total"] == loaded["hubspot"]["contacts"]

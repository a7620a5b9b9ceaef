"""Reading HubSpot contacts in windows, through real HTTP against the sandbox."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from crosswalk.domain.connections import Stream
from crosswalk.errors import ConfigError, TerminalError, TransientError
from crosswalk.ports import Connector, Cursor, Page
from crosswalk.testing.hostile import TEXTS
from tests.connectors.wire import CannedServer, Portal, Reply, hubspot

START = Cursor()


def pull(connector: Connector, cursor: Cursor = START) -> list[Page]:
    assert connector.source
    return list(connector.source.pull("contacts", cursor))


def rows(pages: Sequence[Page]) -> pl.DataFrame:
    return pl.concat([page.frame for page in pages])


def made(connector: Connector) -> int:
    assert connector.calls
    return connector.calls.made


def test_a_run_without_a_change_costs_two_calls(portal: Portal) -> None:
    portal.create(250)
    portal.control("clock", {"advance_seconds": 600})
    portal.create(50)
    end = pull(portal.connect())[-1].cursor
    portal.control("clock", {"advance_seconds": 86_400})
    later = portal.connect()
    assert len(pull(later, end)) == 1
    assert made(later) == 2


@pytest.mark.parametrize(("contacts", "calls"), [(0, 1), (1, 2), (199, 2), (200, 3), (401, 4)])
def test_a_full_read_costs_a_probe_and_the_pages(portal: Portal, contacts: int, calls: int) -> None:
    portal.create(contacts)
    connector = portal.connect()
    assert rows(pull(connector)).height == contacts
    assert made(connector) == calls


def test_an_empty_portal_leaves_the_cursor_alone(portal: Portal) -> None:
    (page,) = pull(portal.connect())
    assert page.frame.is_empty()
    assert page.frame.columns == ["external_id", "modified_at", "email", "firstname", "city"]
    assert page.cursor == Cursor()


def test_a_cursor_survives_that_its_rows_are_archived(portal: Portal) -> None:
    keys = portal.create(3)
    end = pull(portal.connect())[-1].cursor
    portal.archive(keys)
    assert [page.cursor for page in pull(portal.connect(), end)] == [end]


def test_a_cursor_never_moves_back(portal: Portal) -> None:
    kept = portal.create(1)
    portal.control("clock", {"advance_seconds": 60})
    newest = portal.create(1)
    end = pull(portal.connect())[-1].cursor
    portal.archive(newest)
    again = pull(portal.connect(), end)
    assert rows(again)["external_id"].to_list() == kept
    assert again[-1].cursor == end


@pytest.mark.parametrize("cursor", [START, Cursor(None, datetime(2026, 3, 1, tzinfo=UTC), "300")])
def test_a_search_that_never_ends_is_ended(canned: CannedServer, cursor: Cursor) -> None:
    canned.replies = [Reply.json(200, {"total": 7, "results": [], "paging": {"next": {"after": "1"}}})]
    (page,) = pull(hubspot(canned.url, "token"), cursor)
    assert page.frame.is_empty()
    assert page.cursor == Cursor(cursor.until)
    assert len(canned.asked) == 2


def test_values_come_as_hubspot_has_them(portal: Portal) -> None:
    (key,) = portal.create(1, city="00123", firstname="=cmd()")
    (row,) = rows(pull(portal.connect(properties=["city", "firstname", "company"]))).to_dicts()
    modified = row.pop("modified_at")
    assert row == {"external_id": key, "city": "00123", "firstname": "=cmd()", "company": None}
    assert modified.tzinfo is not None


def test_a_property_that_the_portal_does_not_define_is_read_as_empty(portal: Portal) -> None:
    portal.create(2)
    frame = rows(pull(portal.connect(properties=["email", "no_such_property"])))
    assert frame["no_such_property"].to_list() == [None, None]


@pytest.mark.feature("TRK-05")
@pytest.mark.parametrize("road", ["by_search", "by_list"])
def test_a_property_that_goes_is_told_from_an_empty_one(
    portal: Portal, road: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(road)
    portal.create(2)
    [page] = pull(portal.connect())
    assert page.frame["city"].to_list() == [None, None]
    assert page.left_out == frozenset()
    portal.control("schema", {"system": "hubspot", "object": "contacts", "field": "city", "change": {"remove": True}})
    [page] = pull(portal.connect())
    assert page.left_out == {"city"}


def test_a_property_that_one_row_has_is_there(canned: CannedServer) -> None:
    values = {"lastmodifieddate": "2026-03-01T10:00:00Z", "email": None}
    rows = [{"id": "1", "properties": values}, {"id": "2", "properties": {**values, "city": "Boston"}}]
    canned.replies = [Reply.json(200, {"results": rows})]
    [page] = pull(hubspot(canned.url, "token"))
    assert page.left_out == {"firstname"}
    assert page.frame["city"].to_list() == [None, "Boston"]


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if text.strip()])
def test_hostile_text_is_read_unchanged(canned: CannedServer, name: str) -> None:
    values = {"email": TEXTS[name], "lastmodifieddate": "2026-03-01T10:00:00Z"}
    canned.replies = [Reply.json(200, {"total": 1, "results": [{"id": "1", "properties": values}]})]
    assert rows(pull(hubspot(canned.url, "token")))["email"].to_list() == [TEXTS[name]]


def test_a_text_cut_inside_an_emoji_does_not_stop_the_route(canned: CannedServer) -> None:
    row = rb'{"id":"1","properties":{"lastmodifieddate":"2026-03-01T10:00:00.5Z","email":"a\ud83d","city":"b"}}'
    canned.replies = [Reply(200, b'{"results":[' + row + b"]}")]
    frame = rows(pull(hubspot(canned.url, "token")))
    assert frame["email"].to_list() == ["a?"]
    assert frame["city"].to_list() == ["b"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"results":{}}',
        b'{"results":[{"id":1,"properties":{"lastmodifieddate":"2026-03-01T10:00:00Z"}}]}',
        b'{"results":[{"id":"1","properties":{"email":"ana@example.org"}}]}',
        b'{"results":[{"id":"1","properties":{"lastmodifieddate":"ana@example.org"}}]}',
        b'{"results":[{"id":"1","properties":{"lastmodifieddate":"2026-03-01T10:00:00Z","email":["ana@example.org"]}}]}',
    ],
)
def test_an_unreadable_answer_stops_the_route_and_quotes_nothing(canned: CannedServer, body: bytes) -> None:
    canned.replies = [Reply(200, body)]
    with pytest.raises(TerminalError) as raised:
        pull(hubspot(canned.url, "token"))
    assert raised.value.code == "UNREADABLE_ANSWER"
    assert "ana" not in repr(raised.value)
    assert raised.value.__cause__ is None


NOT_WHOLE = [
    b"",
    b"<html>",
    b'{"results":[{"id":"1","properties":{"email":"ana@example.org"',
    b'{"results":[],"a":"\xff"}',
]


@pytest.mark.parametrize("body", NOT_WHOLE)
def test_an_answer_that_is_not_whole_is_asked_for_again(canned: CannedServer, body: bytes) -> None:
    row = b'{"id":"1","properties":{"lastmodifieddate":"2026-03-01T10:00:00Z"}}'
    canned.replies = [Reply(200, body), Reply(200, b'{"results":[' + row + b"]}")]
    assert len(rows(pull(hubspot(canned.url, "token")))) == 1


@pytest.mark.parametrize("body", NOT_WHOLE)
def test_an_answer_that_is_never_whole_ends_the_run_and_quotes_nothing(canned: CannedServer, body: bytes) -> None:
    canned.replies = [Reply(200, body)]
    with pytest.raises(TransientError, match="not whole") as raised:
        pull(hubspot(canned.url, "token"))
    assert "ana" not in repr(raised.value)


@pytest.mark.parametrize("archived", [slice(0, 1), slice(100, 300), slice(0, 250), slice(None)])
def test_rows_that_search_counts_but_hides_do_not_end_the_window(portal: Portal, archived: slice) -> None:
    keys = portal.create(450)
    portal.control("settings", {"index_lag_seconds": 3_600})
    portal.archive(keys[archived])
    gone = set(keys[archived])
    pages = pull(portal.connect())
    assert set(rows(pages)["external_id"]) == set(keys) - gone


def test_a_newest_row_that_search_hides_does_not_hide_the_others(portal: Portal) -> None:
    keys = portal.create(3)
    portal.control("clock", {"advance_seconds": 60})
    portal.update(keys[0], city="Boston")
    portal.control("settings", {"index_lag_seconds": 3_600})
    portal.archive(keys[:1])
    assert set(rows(pull(portal.connect()))["external_id"]) == set(keys[1:])


@pytest.mark.usefixtures("by_search")
def test_a_row_changed_while_the_window_is_read_is_in_the_next_one(portal: Portal) -> None:
    keys = portal.create(1_000)  # the last page comes after what is asked for ahead
    connector = portal.connect()
    assert connector.source
    reading = connector.source.pull("contacts", Cursor())
    pages = [next(reading)]
    portal.control("clock", {"advance_seconds": 5})
    portal.update(keys[-1], city="Boston")
    pages.extend(reading)
    assert keys[-1] not in set(rows(pages)["external_id"])
    changed = rows(pull(portal.connect(), pages[-1].cursor)).filter(external_id=keys[-1])
    assert changed["city"].to_list() == ["Boston"]


@pytest.mark.parametrize("version", ["", "v3", "2026-03", "2026-09"])
def test_all_api_versions_read_the_same(portal: Portal, version: str) -> None:
    keys = portal.create(3)
    assert rows(pull(portal.connect(api_version=version)))["external_id"].to_list() == keys


@pytest.mark.parametrize(
    ("version", "path"),
    [("", "/crm/v3/objects/contacts/search"), ("2026-09", "/crm/objects/2026-09/contacts/search")],
)
def test_the_version_stands_where_hubspot_wants_it(canned: CannedServer, version: str, path: str) -> None:
    canned.replies = [Reply.json(200, {"total": 0, "results": []})]
    pull(hubspot(canned.url, "token", api_version=version))
    assert canned.asked[0][0] == path


def test_the_wire_shows_the_window(canned: CannedServer) -> None:
    row = {"id": "77", "properties": {"lastmodifieddate": "2026-03-01T10:00:00.123Z"}}
    canned.replies = [Reply.json(200, {"total": 1, "results": [row]})]
    since = datetime(2026, 3, 1, 9, tzinfo=UTC)
    pull(hubspot(canned.url, "token", properties=["email"]), Cursor(since))
    lower = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1772355480000"}
    assert [body for _, _, body in canned.asked] == [
        {
            "filterGroups": [{"filters": [lower]}],
            "sorts": [{"propertyName": "lastmodifieddate", "direction": "DESCENDING"}],
            "properties": ["lastmodifieddate"],
            "limit": 1,
        },
        {
            "filterGroups": [
                {
                    "filters": [
                        lower,
                        {"propertyName": "lastmodifieddate", "operator": "LTE", "value": "1772359200123"},
                    ]
                }
            ],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": ["email", "lastmodifieddate"],
            "limit": 200,
        },
    ]
    assert canned.asked[0][1]["Authorization"] == "Bearer token"


def test_a_resumed_window_goes_on_behind_its_last_id_without_a_probe(canned: CannedServer) -> None:
    canned.replies = [Reply.json(200, {"total": 0, "results": []})]
    until = datetime(2026, 3, 1, 10, tzinfo=UTC)
    (page,) = pull(hubspot(canned.url, "token"), Cursor(None, until, "300"))
    assert page.cursor == Cursor(until)
    ((_, _, body),) = canned.asked
    last = body["filterGroups"][0]["filters"][-1]
    assert last == {"propertyName": "hs_object_id", "operator": "GT", "value": "300"}


@pytest.mark.usefixtures("by_search")
def test_rates_keep_the_search_allowance(portal: Portal) -> None:
    portal.create(1_000)
    portal.control("settings", {"limits": {"enforce": True, "search_per_second": 20}})
    connector = portal.connect(search_per_second=20.0)
    assert rows(pull(connector)).height == 1_000
    assert made(connector) == 7  # none was refused: a refused call would have been counted


def longest(count: int) -> list[str]:
    return [f"a_property_with_a_long_name_{number:03}" for number in range(count)]


def test_as_many_properties_as_fit_are_asked_for(portal: Portal) -> None:
    portal.create(401)
    assert rows(pull(portal.connect(properties=longest(70)))).height == 401


@pytest.mark.parametrize(
    ("problem", "options"),
    [
        ("3000", {"properties": longest(90)}),
        ("external_id", {"properties": ["external_id"]}),
        ("api_version", {"api_version": "v9"}),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_before_any_call(problem: str, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=problem):
        hubspot("http://127.0.0.1:9", "token", **options)


def test_a_token_with_a_line_break_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigError) as raised:
        hubspot("http://127.0.0.1:9", "pat-secret\nInjected: x")
    assert "secret" not in str(raised.value)


def test_look_back_is_the_streams_own(canned: CannedServer) -> None:
    canned.replies = [Reply.json(200, {"total": 0, "results": []})]
    since = datetime(2026, 3, 1, 9, tzinfo=UTC)
    pull(hubspot(canned.url, "token", stream=Stream("companies", "hs_lastmodifieddate", 60)), Cursor(since))
    ((path, _, body),) = canned.asked
    (lower,) = body["filterGroups"][0]["filters"]
    assert path == "/crm/v3/objects/companies/search"
    assert lower["propertyName"] == "hs_lastmodifieddate"
    assert int(lower["value"]) == (since - timedelta(seconds=60)).timestamp() * 1000

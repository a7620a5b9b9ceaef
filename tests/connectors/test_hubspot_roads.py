"""Two roads to a first reading, the search and the list; and reading ahead on either."""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence

import polars as pl
import pytest

from connectors.hubspot import listing
from connectors.hubspot.ahead import MOST
from crosswalk.errors import TerminalError
from crosswalk.ports import Cursor, Page, Source
from tests.connectors.wire import PROPERTIES, Portal, hubspot
from tests.way import Fault, Way

SEARCH, LIST = "/search", r"/contacts\?limit="
START = Cursor()


@pytest.fixture
def way(portal: Portal) -> Iterator[Way]:
    with Way(portal.url) as way:
        yield way


def source(way: Way, portal: Portal, properties: Sequence[str] = PROPERTIES, **options: str) -> Source:
    found = hubspot(way.url, portal.token, properties, **options).source
    assert found
    return found


def pull(reading: Source, cursor: Cursor = START) -> list[Page]:
    return list(reading.pull("contacts", cursor))


def rows(pages: Sequence[Page]) -> pl.DataFrame:
    return pl.concat([page.frame for page in pages])


@pytest.mark.usefixtures("by_list")
@pytest.mark.parametrize("version", ["v3", "2026-09"])
def test_both_roads_lead_to_the_same_rows(
    portal: Portal, way: Way, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.create(450, city='Łódź, "x" & y')
    properties = ["email", "city", "hs_object_id", "no_such_property", "createdate"]
    listed = pull(source(way, portal, properties, api_version=version))
    assert (way.count("GET", "limit=100"), way.count("POST", SEARCH)) == (5, 1)
    monkeypatch.setattr(listing, "WORTH_ASKING", 1_000_000)
    searched = pull(source(way, portal, properties, api_version=version))
    assert rows(listed).equals(rows(searched))
    assert listed[-1].cursor == searched[-1].cursor
    assert listed[0].expected == searched[0].expected == 450


@pytest.mark.parametrize(("contacts", "lists"), [(800, 0), (801, 9)])
def test_the_list_is_not_looked_at_where_searches_are_few(
    portal: Portal, way: Way, contacts: int, lists: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "QUICK", 60.0)
    portal.create(contacts)
    assert rows(pull(source(way, portal))).height == contacts
    assert way.count("GET", LIST) == lists


def test_a_slow_list_is_left_for_the_search(portal: Portal, way: Way) -> None:
    portal.create(900)
    portal.control("settings", {"latency_ms": 110})
    assert rows(pull(source(way, portal))).height == 900
    assert (way.count("GET", LIST), way.count("POST", SEARCH)) == (1, 6)


@pytest.mark.usefixtures("by_list")
def test_only_a_first_reading_takes_the_list(portal: Portal, way: Way) -> None:
    portal.create(300)
    end = pull(source(way, portal))[-1].cursor
    way.clear()
    assert rows(pull(source(way, portal), end)).height == 300
    assert way.count("GET") == 0


@pytest.mark.usefixtures("by_list")
def test_a_killed_list_goes_on_at_its_place(portal: Portal, way: Way) -> None:
    portal.create(450)
    whole = pull(source(way, portal))
    for stop in (1, 2, 3, 4):
        before = list(itertools.islice(source(way, portal).pull("contacts", START), stop))
        way.clear()
        after = pull(source(way, portal), before[-1].cursor)
        assert rows([*before, *after]).equals(rows(whole))
        assert after[-1].cursor == whole[-1].cursor
        assert after[0].expected is None
        assert (way.count("GET", LIST), way.count("POST", SEARCH)) == (5 - stop, 0)


@pytest.mark.usefixtures("by_list")
def test_what_changes_while_the_list_is_read_comes_again(portal: Portal, way: Way) -> None:
    keys = portal.create(1_000)
    reading = source(way, portal).pull("contacts", START)
    pages = [next(reading)]
    portal.control("clock", {"advance_seconds": 600})
    portal.update(keys[0], city="Boston")
    added = portal.create(1)
    pages.extend(reading)
    assert set(keys) <= set(rows(pages)["external_id"])
    again = rows(pull(source(way, portal), pages[-1].cursor))
    assert {keys[0], *added} <= set(again["external_id"])  # and whatever the look-back repeats
    assert again.filter(external_id=keys[0])["city"].to_list() == ["Boston"]


@pytest.mark.usefixtures("by_list")
def test_a_place_that_hubspot_no_longer_knows_begins_anew(portal: Portal, way: Way) -> None:
    portal.create(250)
    first = next(iter(source(way, portal).pull("contacts", START)))
    gone = {"category": "VALIDATION_ERROR", "message": "Invalid cursor"}
    way.faults = [Fault("GET", "after=", 400, gone)]
    assert rows(pull(source(way, portal), first.cursor)).height == 250


@pytest.mark.usefixtures("by_list")
def test_another_refusal_of_the_list_is_raised(portal: Portal, way: Way) -> None:
    portal.create(250)
    first = next(iter(source(way, portal).pull("contacts", START)))
    way.faults = [Fault("GET", "after=", 401, {"category": "INVALID_AUTHENTICATION"})]
    with pytest.raises(TerminalError, match="TOKEN"):
        pull(source(way, portal), first.cursor)


# -- reading ahead -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("by_search")
def test_no_more_is_asked_for_than_two_pages_ahead(portal: Portal, way: Way) -> None:
    portal.create(2_000)
    reading = source(way, portal).pull("contacts", START)
    for taken in (1, 2, 3):
        next(reading)
        assert way.count("POST", SEARCH) <= 1 + taken + MOST
    reading.close()  # type: ignore[attr-defined]  # a generator is one kind of iterator
    asked = len(way.asked)
    assert not [one for one in threading.enumerate() if one.name.startswith("ThreadPoolExecutor")]
    assert len(way.asked) == asked <= 1 + 3 + MOST


@pytest.mark.parametrize("road", ["by_search", "by_list"])
@pytest.mark.parametrize("stop", [1, 2, 3])
def test_who_stops_and_goes_on_asks_nothing_twice(
    portal: Portal, way: Way, road: str, stop: int, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(road)
    portal.create(1_000)
    whole = pull(source(way, portal))
    calls = len(way.asked)
    way.clear()
    reading, pages, cursor = source(way, portal), list[Page](), START
    while not pages or cursor.until is not None:
        pages.extend(itertools.islice(reading.pull("contacts", cursor), stop))
        cursor = pages[-1].cursor
    assert rows(pages).equals(rows(whole))
    assert len(way.asked) == calls


@pytest.mark.usefixtures("by_search")
def test_a_place_elsewhere_is_read_from_there(portal: Portal, way: Way) -> None:
    portal.create(1_000)
    reading = source(way, portal)
    first, second = itertools.islice(reading.pull("contacts", START), 2)
    assert rows(pull(reading, first.cursor)).height == 800  # the second page was never landed
    assert rows(pull(reading, second.cursor)).height == 600


def refuse_third_page(way: Way) -> None:
    """Let the search after the opening one and two pages fail, once."""

    def watch(when: str, _method: str, _path: str) -> None:
        if when == "after" and len(way.asked) == 3:
            way.faults = [Fault("POST", SEARCH, 401, {"category": "INVALID_AUTHENTICATION"})]

    way.watch = watch


@pytest.mark.usefixtures("by_search")
def test_an_error_ahead_comes_in_its_place(portal: Portal, way: Way) -> None:
    portal.create(1_000)
    refuse_third_page(way)
    pages: list[Page] = []
    with pytest.raises(TerminalError):
        pages.extend(source(way, portal).pull("contacts", START))
    assert len(pages) == 2


@pytest.mark.usefixtures("by_search")
def test_an_error_ahead_is_nothing_to_who_has_stopped(portal: Portal, way: Way) -> None:
    portal.create(1_000)
    refuse_third_page(way)
    reading = source(way, portal)
    pulled = reading.pull("contacts", START)
    page = next(pulled)
    while len(way.asked) < 4:
        time.sleep(0.005)
    pulled.close()  # type: ignore[attr-defined]  # a generator is one kind of iterator
    assert way.asked[-1].status == 401
    assert rows([page, *pull(reading, page.cursor)]).height == 1_000

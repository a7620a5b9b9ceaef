"""Reading what sales did, in windows, through real HTTP against the sandbox."""

import itertools
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote_plus, urlsplit

import polars as pl
import pytest

from crosswalk.domain.connections import Stream
from crosswalk.domain.mapping import instant
from crosswalk.errors import ConfigError, SchemaDrift, TerminalError, TransientError
from crosswalk.ports import Cursor, Page, Source
from crosswalk.testing.contract import SourceContract, SourceSystem
from tests.connectors.salesforce_wire import LEAD_PROPERTIES, LEADS, Org
from tests.way import Fault

START = Cursor()
REMOVED = Stream("Lead", "deletedDate", deleted=True)
ROLES = Stream("OpportunityContactRole", "SystemModstamp", also_modified=("Opportunity.SystemModstamp",))
ROLE_PROPERTIES = ("ContactId", "Opportunity.StageName", "Opportunity.IsWon", "Opportunity.Owner.Username", "IsDeleted")
BUSY = [{"errorCode": "SERVER_UNAVAILABLE", "message": "try later"}]


class OrgSystem(SourceSystem):
    stream, properties, look_back = "rows", LEAD_PROPERTIES, timedelta(seconds=120)
    late: set[str]

    def __init__(self, org: Org) -> None:
        self.org = org

    def connect(self) -> Source:
        return self.org.source()

    def add(self, count: int) -> set[str]:
        return set(self.org.add(count))

    def add_unindexed(self, count: int) -> set[str]:
        """A transaction that takes long: its rows carry the time of saving, and are seen once it is committed."""
        self.count, self.late = count, set()
        return self.late

    def index(self) -> None:
        self.org.control("clock", {"advance_seconds": -5})
        self.late.update(self.org.add(self.count))
        self.org.control("clock", {"advance_seconds": 5})

    def pass_time(self, seconds: int) -> None:
        self.org.control("clock", {"advance_seconds": seconds})


class TestSalesforceSource(SourceContract):
    @pytest.fixture
    def system(self, org: Org) -> SourceSystem:
        return OrgSystem(org)


def pull(source: Source, cursor: Cursor = START) -> list[Page]:
    return list(source.pull("rows", cursor))


def rows(pages: Sequence[Page]) -> pl.DataFrame:
    return pl.concat([page.frame for page in pages])


def queries(org: Org) -> list[str]:
    return [unquote_plus(one.path.partition("q=")[2]) for one in org.way.asked if "queryAll/?q=" in one.path]


@pytest.mark.feature("FBK-01")
def test_a_run_without_a_change_costs_one_call_for_each_stream(org: Org) -> None:
    org.add(3)
    org.control("clock", {"advance_seconds": 600})
    end = pull(org.source())[-1].cursor
    org.control("clock", {"advance_seconds": 86_400})
    session = org.session()
    for stream, properties in ((LEADS, LEAD_PROPERTIES), (REMOVED, ("IsDeleted",)), (ROLES, ROLE_PROPERTIES)):
        org.forget()
        (page,) = pull(org.source(stream, properties, session), end)
        assert page.frame.is_empty()
        assert page.cursor.until is None
        assert org.way.count("GET") == 1
        assert page.expected in (0, None)


def test_pages_are_followed_within_one_snapshot(org: Org) -> None:
    ids = org.add(4_500)
    pages = pull(org.source())
    assert [page.frame.height for page in pages] == [2_000, 2_000, 500]
    assert [page.expected for page in pages] == [4_500, None, None]
    assert rows(pages)["external_id"].to_list() == sorted(ids)
    assert org.way.count("GET") == 3


def test_a_killed_reading_goes_on_behind_its_last_id(org: Org) -> None:
    org.add(4_500)
    whole = rows(pull(org.source()))
    before = list(itertools.islice(org.source().pull("rows", START), 1))
    org.forget()
    after = pull(org.source(), before[0].cursor)
    assert org.way.count("GET") == 2
    assert f"Id > '{whole['external_id'][1_999]}'" in queries(org)[0]
    assert rows([*before, *after]).equals(whole)
    assert after[0].expected is None


def test_a_lost_place_is_asked_for_anew(org: Org) -> None:
    ids = org.add(4_500)
    lost = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]
    org.way.faults = [Fault("GET", "/query/01g", 400, lost, times=4)]
    assert rows(pull(org.source()))["external_id"].to_list() == sorted(ids)
    assert len(queries(org)) == 2


def test_a_vendor_that_stays_away_ends_the_reading_after_what_it_told(org: Org) -> None:
    org.add(2_100)
    reading = org.source().pull("rows", START)
    page = next(reading)
    org.way.faults = [Fault("GET", ".", 503, BUSY, times=99)]
    with pytest.raises(TransientError):
        next(reading)
    org.way.faults = []
    assert rows([page, *pull(org.source(), page.cursor)]).height == 2_100


def test_a_token_that_expires_between_pages_is_replaced(org: Org) -> None:
    org.add(4_500)
    reading = org.source().pull("rows", START)
    pages = [next(reading)]
    org.control("expire-tokens", {})
    pages.extend(reading)
    assert rows(pages).height == 4_500
    assert org.way.count("POST", "token") == 2


def test_all_streams_of_a_connector_end_at_the_same_instant(org: Org) -> None:
    org.add(1)
    session = org.session()
    first = pull(org.source(session=session))
    org.control("clock", {"advance_seconds": 3_600})
    late = org.add(1)
    second = pull(org.source(session=session))
    roles = pull(org.source(ROLES, ROLE_PROPERTIES, session=session))
    assert first[-1].cursor == second[-1].cursor == roles[-1].cursor
    assert not set(late) & set(rows(second)["external_id"])
    assert set(late) <= set(rows(pull(org.source(), second[-1].cursor))["external_id"])
    assert second[0].vendor_now is not None
    assert first[0].vendor_now is not None
    assert second[0].vendor_now - first[0].vendor_now >= timedelta(seconds=3_600)


def test_a_second_that_has_begun_is_read_again_without_any_look_back(org: Org) -> None:
    org.control("clock", {"frozen": True})
    stream = Stream("Lead", "SystemModstamp", look_back_seconds=0, filter="Crosswalk_Id__c != null")
    end = pull(org.source(stream))[-1].cursor
    late = org.add(1)
    assert rows(pull(org.source(stream), end))["external_id"].to_list() == late


@pytest.mark.feature("FBK-01")
def test_converted_deleted_and_merged_leads_are_told(org: Org) -> None:
    converted, deleted, master, loser = org.add(4)
    end = pull(org.source())[-1].cursor
    org.control("clock", {"advance_seconds": 3_600})
    org.control("convert", {"lead": converted})
    org.control("delete", {"object": "Lead", "id": deleted})
    org.control("merge", {"object": "Lead", "master": master, "losers": [loser]})
    told = {one["external_id"]: one for one in rows(pull(org.source(), end)).to_dicts()}
    assert (told[converted]["IsConverted"], told[converted]["IsDeleted"]) == ("true", "false")
    assert (told[deleted]["IsDeleted"], told[deleted]["MasterRecordId"]) == ("true", None)
    assert (told[loser]["IsDeleted"], told[loser]["MasterRecordId"]) == ("true", master)
    assert told[master]["IsDeleted"] == "false"


def test_values_come_as_text_and_times_can_be_read(org: Org) -> None:
    (key,) = org.add(1, NumberOfEmployees=12, AnnualRevenue=25000, HasOptedOutOfEmail=True, City="00123")
    properties = ("NumberOfEmployees", "AnnualRevenue", "HasOptedOutOfEmail", "City", "Phone", "CreatedDate")
    (row,) = rows(pull(org.source(properties=properties))).to_dicts()
    created, modified = row.pop("CreatedDate"), row.pop("modified_at")
    assert row == {
        "external_id": key,
        "NumberOfEmployees": "12",
        "AnnualRevenue": "25000.0",
        "HasOptedOutOfEmail": "true",
        "City": "00123",
        "Phone": None,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000", created)
    assert pl.select(instant(pl.lit(created))).item() == modified


@pytest.mark.feature("FBK-01")
def test_a_change_of_the_parent_shows_its_children_again(org: Org) -> None:
    (lead,) = org.add(1)
    org.control("convert", {"lead": lead, "opportunity": "Example deal"})
    (deal,) = org.records("Opportunity")
    first = pull(org.source(ROLES, ROLE_PROPERTIES))
    (role,) = rows(first).to_dicts()
    assert role["Opportunity.StageName"] == "Prospecting"
    org.control("clock", {"advance_seconds": 3_600})
    org.control(
        "edit",
        {"system": "salesforce", "object": "Opportunity", "id": deal["Id"], "changes": {"StageName": "Closed Won"}},
    )
    (again,) = rows(pull(org.source(ROLES, ROLE_PROPERTIES), first[-1].cursor)).to_dicts()
    assert again["external_id"] == role["external_id"]
    assert (again["Opportunity.StageName"], again["Opportunity.IsWon"]) == ("Closed Won", "true")
    assert again["modified_at"] - role["modified_at"] >= timedelta(seconds=3_600)


def test_a_parent_that_is_not_there_has_no_values(org: Org) -> None:
    org.seed("Contact", {"LastName": "Roe"})
    stream = Stream("Contact", "SystemModstamp", also_modified=("Account.SystemModstamp",))
    (row,) = rows(pull(org.source(stream, ("LastName", "Account.Name", "Account.Owner.Username")))).to_dicts()
    assert (row["LastName"], row["Account.Name"], row["Account.Owner.Username"]) == ("Roe", None, None)


@pytest.mark.feature("TRK-05")
def test_before_setup_an_admin_is_told_which_field(org: Org) -> None:
    with pytest.raises(SchemaDrift, match=r"Crosswalk_Reason__c.*crosswalk setup"):
        pull(org.source(properties=("LastName", "Crosswalk_Reason__c")))


def test_the_wire_shows_the_window(org: Org) -> None:
    since = datetime(2026, 3, 1, 9, 0, 0, 999, tzinfo=UTC)
    until = datetime(2026, 3, 1, 10, tzinfo=UTC)
    pull(org.source(ROLES, ("ContactId",)), Cursor(since, until, "00K000000000001AAA"))
    own = "SystemModstamp >= 2026-03-01T08:58:00Z AND SystemModstamp <= 2026-03-01T10:00:00Z"
    (soql,) = queries(org)
    assert soql == (
        "SELECT Id, SystemModstamp, Opportunity.SystemModstamp, ContactId FROM OpportunityContactRole "
        f"WHERE (({own}) OR ({own.replace('System', 'Opportunity.System')})) AND Id > '00K000000000001AAA' ORDER BY Id"
    )


@pytest.mark.parametrize(
    ("problem", "stream", "properties"),
    [
        ("15500", LEADS, [f"A_field_with_a_long_name_{number}__c" for number in range(700)]),
        ("API name", LEADS, ["LastName FROM User"]),
        ("API name", LEADS, ["Owner..Name"]),
        ("deletion log", REMOVED, ["LastName"]),
        ("deletion log", Stream("Lead", "deletedDate", filter="x != null", deleted=True), []),
    ],
)
def test_a_mapping_that_cannot_be_asked_for_is_refused_before_any_call(
    org: Org, problem: str, stream: Stream, properties: Sequence[str]
) -> None:
    with pytest.raises(ConfigError, match=problem):
        org.source(stream, properties)
    assert org.way.asked == []


@pytest.mark.parametrize(
    "record",
    [
        '{"SystemModstamp": "2026-03-01T10:00:00.000+0000", "LastName": "Secret"}',
        '{"Id": "00Q", "SystemModstamp": "Secret", "LastName": "Roe"}',
        '{"Id": "00Q", "SystemModstamp": "2026-03-01T10:00:00.000+0000", "lastname": "Secret"}',
        '{"Id": "00Q", "SystemModstamp": "2026-03-01T10:00:00.000+0000", "LastName": {"a": "Secret"}}',
        '{"Id": "00Q", "SystemModstamp": "2026-03-01T10:00:00.000+0000", "LastName": "Secret',
    ],
)
def test_an_unreadable_answer_stops_the_route_and_quotes_nothing(org: Org, record: str) -> None:
    body = f'{{"totalSize": 1, "done": true, "records": [{record}]}}'.encode()
    org.way.faults = [Fault("GET", "queryAll", 200, body)]
    with pytest.raises(TerminalError) as raised:
        pull(org.source(properties=("LastName",)))
    assert raised.value.code == "UNREADABLE_ANSWER"
    assert "Secret" not in repr(raised.value)
    assert raised.value.__cause__ is None


def test_an_answer_without_a_date_is_told(org: Org) -> None:
    org.way.faults = [Fault("POST", "token", 200, {"access_token": "t"})]
    with pytest.raises(TerminalError, match="Date"):
        pull(org.source())


# -- what left the recycle bin -----------------------------------------------------------------------------------------


@pytest.mark.feature("FBK-01")
def test_leads_that_left_the_recycle_bin_are_told(org: Org) -> None:
    gone, _ = org.add(2)
    end = pull(org.source(REMOVED, ("IsDeleted",)))[-1].cursor
    org.control("clock", {"advance_seconds": 600})
    org.control("delete", {"object": "Lead", "id": gone})
    org.control("empty-recycle-bin", {"object": "Lead"})
    org.control("clock", {"advance_seconds": 600})
    assert gone not in set(rows(pull(org.source()))["external_id"])
    (page,) = pull(org.source(REMOVED, ("IsDeleted",)), end)
    (row,) = page.frame.to_dicts()
    assert (row["external_id"], row["IsDeleted"]) == (gone, "true")
    assert page.gap is None
    assert page.cursor.since is not None
    assert end.since is not None
    assert page.cursor.since >= row["modified_at"] > end.since
    assert page.vendor_now is not None


def asked_window(org: Org) -> tuple[datetime, datetime]:
    (path,) = [one.path for one in org.way.asked if "/deleted/" in one.path]
    found = parse_qs(urlsplit(path).query)
    start, end = (datetime.fromisoformat(found[name][0]) for name in ("start", "end"))
    return start, end


def test_the_deletion_log_is_asked_for_more_than_a_minute_and_never_into_the_future(org: Org) -> None:
    org.control("clock", {"now": "2026-03-01T10:00:30Z", "frozen": True})
    org.set_up()
    pull(org.source(REMOVED, ("IsDeleted",)), Cursor(datetime(2026, 3, 1, 10, 0, 20, tzinfo=UTC)))
    start, end = asked_window(org)
    assert (start, end) == (datetime(2026, 3, 1, 9, 58, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC))


def test_a_pause_longer_than_the_log_is_told_as_a_gap(org: Org) -> None:
    org.control("clock", {"now": "2026-03-31T10:00:00Z", "frozen": True})
    since = datetime(2026, 3, 1, 10, tzinfo=UTC)
    (page,) = pull(org.source(REMOVED, ("IsDeleted",)), Cursor(since))
    begins = datetime(2026, 3, 16, 10, tzinfo=UTC)
    assert page.gap == (since, begins)
    assert asked_window(org)[0] == begins
    assert page.cursor == Cursor(datetime(2026, 3, 31, 10, tzinfo=UTC))


def test_a_first_reading_of_the_log_has_no_gap(org: Org) -> None:
    (page,) = pull(org.source(REMOVED, ("IsDeleted",)))
    start, end = asked_window(org)
    assert end - start == timedelta(days=15)
    assert page.gap is None


def test_the_log_never_moves_the_cursor_back(org: Org) -> None:
    since = datetime(2099, 1, 1, tzinfo=UTC)
    (page,) = pull(org.source(REMOVED, ("IsDeleted",)), Cursor(since))
    assert page.cursor == Cursor(since)

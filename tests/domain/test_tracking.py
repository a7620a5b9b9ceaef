"""The UTM standard (TRK-01) and the campaign registry (TRK-02): what a landing page may be trusted to say."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain.campaigns import Campaign, attribute
from crosswalk.domain.tracking import UtmStandard, read_url, read_urls
from crosswalk.platform.catalog import Catalog
from tests.domain.inquiries import shape

SITE = "https://www.lakeshore.example.org"
FULL = "utm_source=google&utm_medium=email&utm_campaign=c1"
LONG = {"A100": "a" * 100, "A101": "a" * 101}
TABLE = (Path(__file__).parent / "urls.yaml").read_text(encoding="utf-8")
for _word, _text in {"FULL": FULL, **LONG}.items():
    TABLE = re.sub(rf"(?<=[?&=#;\"]){_word}\b", _text, TABLE)
URLS: list[dict[str, Any]] = yaml.safe_load(TABLE)


@pytest.fixture(scope="module")
def standard(catalog: Catalog) -> UtmStandard:
    return catalog.tracking.utm


@pytest.mark.feature("TRK-01")
@pytest.mark.parametrize("row", URLS, ids=[f"{row.get('case', '')} {row['url']}".strip() for row in URLS])
def test_a_url_says(row: dict[str, Any], standard: UtmStandard) -> None:
    read = read_url(SITE + row["url"], standard)
    assert {name.removeprefix("utm_"): value for name, value in read.values.items()} == row["says"]
    assert sorted(read.codes) == sorted(row["codes"])


def test_the_table_has_at_least_sixty_urls() -> None:
    assert len({row["url"] for row in URLS}) >= 60


@pytest.mark.feature("TRK-01")
def test_what_was_written_stays_beside_what_it_means(standard: UtmStandard) -> None:
    read = read_url(f"{SITE}/?utm_source=AdWords&utm_medium=Social_Paid&utm_campaign={{{{x}}}}", standard)
    assert read.raw == {"utm_source": "AdWords", "utm_medium": "Social_Paid", "utm_campaign": "{{x}}"}
    assert read.values == {"utm_source": "google"}


@pytest.mark.feature("TRK-01")
def test_a_click_id_is_known_by_its_name_only(standard: UtmStandard) -> None:
    read = read_url(f"{SITE}/?gclid=Cj0KExample&{FULL}", standard)
    assert read.click_id == "gclid"
    assert "Cj0KExample" not in f"{read.url} {read.raw} {read.values}"


PERSONAL = ["jane.roe@mail.example.org", "+1 (312) 555-0142", "3125550142", "00482913", "900-12-3456"]


@pytest.mark.feature("TRK-01", "CON-02")
@pytest.mark.parametrize("value", PERSONAL)
@pytest.mark.parametrize("place", ["utm_content={}", "mail={}", "x=1#{}", "{}=1", "utm_campaing={}"])
@pytest.mark.parametrize("layers", [0, 1, 2, 3])
def test_personal_values_are_gone_from_the_stored_url_as_well(
    value: str, place: str, layers: int, standard: UtmStandard
) -> None:
    written = value
    for _ in range(layers):
        written = written.replace("%", "%25").replace("@", "%40").replace("+", "%2B").replace(" ", "%20")
    read = read_url(f"{SITE}/?" + place.format(written), standard)
    digits = re.sub(r"\D", "", value)
    left = f"{read.url} {read.raw} {read.values}"
    assert value not in left
    assert value.partition("@")[0] not in left
    assert not digits or digits not in re.sub(r"[\s().+-]|%20|%2B|%28|%29", "", left)


@pytest.mark.feature("TRK-01")
@pytest.mark.parametrize(
    "address", ["https://jane.roe:pw@www.lakeshore.example.org/", "https://[campaign]/x", "nonsense", "?"]
)
def test_an_odd_address_stops_nothing(address: str, standard: UtmStandard) -> None:
    assert "jane.roe" not in (read_url(address, standard).url or "")


@pytest.mark.feature("TRK-01")
def test_a_visitor_s_own_name_is_personal(catalog: Catalog) -> None:
    link = f"{SITE}/?{FULL}&utm_content=Jane-Roe&utm_term=roe+v+wade"
    own, other = shape(catalog, {"landing_page_url": link}, {"landing_page_url": link, "firstname": "Ann"})
    assert own["utm_content"] is None and "UTM_PII" in own["codes"] and "Jane" not in own["landing_url"]
    assert other["utm_content"] == "jane-roe" and "UTM_PII" not in other["codes"]


@pytest.mark.feature("TRK-01")
def test_a_column_of_urls_is_read_like_each_of_them(standard: UtmStandard) -> None:
    addresses = [SITE + row["url"] for row in URLS]
    table = read_urls(pl.Series([*addresses, None, ""], dtype=pl.String), standard)
    assert table.height == len(addresses) + 2
    for address, row in zip(addresses, table.rows(named=True), strict=False):
        read = read_url(address, standard)
        assert row["landing_url"] == read.url and row["tracking_codes"] == read.codes
        assert json.loads(row["utm_raw"] or "{}") == read.raw


VALUES = st.text(st.characters(codec="utf-8"), max_size=120) | st.from_regex(
    r"[a-zA-Z0-9 ._%+@{}&#=-]{0,40}", fullmatch=True
)
NAMES = st.sampled_from(["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "gclid", "q", "UTM_ID"])


@st.composite
def addresses(draw: st.DrawFn) -> str:
    pairs = draw(st.lists(st.tuples(NAMES, VALUES), max_size=6))
    return f"{SITE}/{draw(st.sampled_from(['', 'heart', 'our-team']))}?" + "&".join(f"{n}={v}" for n, v in pairs)


@pytest.mark.feature("TRK-01")
@given(address=addresses())
def test_trusted_values_are_always_of_the_standard(catalog: Catalog, address: str) -> None:
    standard = catalog.tracking.utm
    read = read_url(address, standard)
    for value in read.values.values():
        assert re.fullmatch(r"[a-z0-9._-]+", value) and len(value) <= standard.max_length
        assert not re.search(r"\d{8}", value)
    assert not re.search(r"[^\s@=&?]+@[^\s@=&?]+\.[a-z]{2}", f"{read.url} {read.values}")
    again = read_url(f"{SITE}/?" + "&".join(f"{name}={value}" for name, value in read.values.items()), standard)
    assert again.values == read.values


@pytest.mark.feature("TRK-01")
@given(address=addresses())
def test_reading_what_was_stored_says_the_same(catalog: Catalog, address: str) -> None:
    """The stored URL is itself a landing page of the standard."""
    once = read_url(address, catalog.tracking.utm)
    assert read_url(once.url or "", catalog.tracking.utm).values == once.values


# ------------------------------------------------------------------------------------------------ campaign registry

LIVE = Campaign(
    code="2026q4-il-cardio-pat-ppc-afib", name="Atrial fibrillation", motion="patient", audience="patient",
    theme="cardiology", region="IL", owner="marketing01", start=date(2026, 10, 1), end=date(2026, 12, 31),
    status="live", aliases=("afib-fall-2026",),
)  # fmt: skip


def attributed(catalog: Catalog, code: str | None, at: str = "2026-11-16", **changes: Any) -> dict[str, Any]:
    registry = [Campaign(**{**LIVE.__dict__, **changes})]
    lead = {
        "utm_campaign": code, "utm_source": "google", "utm_medium": "cpc", "click_id": None, "capture_method": None,
        "received_at": datetime.fromisoformat(at).replace(tzinfo=UTC),
    }  # fmt: skip
    frame = pl.DataFrame(
        [lead], schema_overrides=dict.fromkeys(("utm_campaign", "click_id", "capture_method"), pl.String)
    )
    tracking = catalog.tracking
    return attribute(frame, registry, tracking.channels, tracking.utm.click_ids).row(0, named=True)


@pytest.mark.feature("TRK-02")
def test_a_registered_code_gives_campaign_and_channel(catalog: Catalog) -> None:
    lead = attributed(catalog, LIVE.code)
    assert (lead["campaign_code"], lead["campaign_name"]) == (LIVE.code, "Atrial fibrillation")
    assert (lead["channel"], lead["campaign_codes"]) == ("paid_search", [])


@pytest.mark.feature("TRK-02")
def test_an_unknown_code_holds_the_channel(catalog: Catalog) -> None:
    lead = attributed(catalog, "fall_sale_2")
    assert (lead["campaign_code"], lead["channel"]) == (None, "held")
    assert lead["campaign_codes"] == ["CAMPAIGN_UNKNOWN"]


@pytest.mark.feature("TRK-02")
def test_an_alias_is_corrected(catalog: Catalog) -> None:
    lead = attributed(catalog, "afib-fall-2026")
    assert (lead["campaign_code"], lead["channel"]) == (LIVE.code, "paid_search")
    assert lead["campaign_codes"] == ["CAMPAIGN_ALIAS"]


@pytest.mark.feature("TRK-02")
@pytest.mark.parametrize(
    ("changes", "at", "code"),
    [
        ({"status": "ended"}, "2026-11-16", "CAMPAIGN_ENDED"),
        ({}, "2027-01-01", "CAMPAIGN_ENDED"),
        ({"status": "draft"}, "2026-11-16", "CAMPAIGN_NOT_LIVE"),
        ({"status": "approved"}, "2026-11-16", "CAMPAIGN_NOT_LIVE"),
        ({}, "2026-09-30", "CAMPAIGN_NOT_LIVE"),
    ],
)
def test_a_campaign_out_of_its_time_is_flagged(changes: dict[str, Any], at: str, code: str, catalog: Catalog) -> None:
    lead = attributed(catalog, LIVE.code, at, **changes)
    assert lead["campaign_code"] == LIVE.code and lead["campaign_codes"] == [code]


@pytest.mark.feature("TRK-02")
def test_no_code_is_nothing_to_hold(catalog: Catalog) -> None:
    lead = attributed(catalog, None)
    assert lead["campaign_codes"] == [] and lead["channel"] == "paid_search"


@pytest.mark.feature("TRK-01", "TRK-02")
@pytest.mark.parametrize(
    ("query", "channel"),
    [
        ("", "direct"),
        ("gclid=x", "paid_search"),
        ("fbclid=x", "paid_social"),
        ("dclid=x", "display"),
        ("utm_source=google&utm_medium=cpc", "paid_search"),
        ("utm_source=facebook&utm_medium=cpc", "paid_social"),
        ("utm_source=hubspot&utm_medium=email", "email"),
        ("utm_source=poster&utm_medium=qr", "offline"),
        ("utm_source=google&utm_medium=cpc&utm_campaign=nobody-knows", "held"),
    ],
)
def test_the_hub_channel(query: str, channel: str, catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"landing_page_url": f"{SITE}/?{query}"})
    assert lead["channel"] == channel

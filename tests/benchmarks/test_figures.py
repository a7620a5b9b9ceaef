"""The benchmark's figures are what was measured; at a tiny size, and without a word on how long anything may take."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.__main__ import main
from benchmarks.bench import (
    PLAIN,
    PLAIN_BACK,
    RETURN,
    RETURN_AGAIN,
    SYNC,
    SYNC_AGAIN,
    SYNC_ECHO,
    Result,
)
from benchmarks.figures import ratios, shares, steps
from benchmarks.measure import Measured
from benchmarks.plain import PROPERTIES
from benchmarks.report import FRESH, write
from crosswalk.platform.settings import CHECKOUT

SCRIPTS_AND_SYNC = {SYNC, SYNC_AGAIN, PLAIN, PLAIN_BACK}
BACK = {RETURN, SYNC_ECHO, RETURN_AGAIN}
SEARCH, UPDATE = "POST /crm/v3/objects/{object_type}/search", "POST /crm/v3/objects/{object_type}/batch/update"


def measured(
    name: str, read: int, changed: int, *, calls: int = 10, seconds: float = 2.0, refused: int = 0
) -> Measured:
    """A process that searched so often, evenly over some seconds."""
    nothing = {"total": 0, "by_endpoint": {}, "by_status": {}, "first": {}, "last": {}}
    hubspot = {
        "total": calls,
        "by_endpoint": {SEARCH: calls},
        "by_status": {"200": calls - refused, "429": refused},
        "first": {SEARCH: 100.0},
        "last": {SEARCH: 100.0 + seconds},
    }
    document = {
        "steps": [
            {"step": "land", "pipe": "ingest", "in": read},
            {"step": "shape", "pipe": "ingest", "in": read - 10},
            {"step": "claim", "pipe": "deliver", "in": changed},
        ],
        "timings": {"land": 2.0, "shape": 0.5, "claim": 0.0},
        "written": {
            "salesforce": {
                "Lead": {"created": changed - 1, "updated": 1, "unchanged": 5, "failed": 2},
                "Task": {"created": 7, "updated": 0, "unchanged": 0, "failed": 0},
            }
        },
        "seconds": seconds,
    }
    return Measured(name, 4.0, 3.0, 1.0, 200.0, document, {"hubspot": hubspot, "salesforce": nothing})


def plain(name: str, read: int) -> Measured:
    requests = measured(name, read, read, calls=20).requests
    return Measured(name, 2.0, 1.0, 1.0, 100.0, {"read": read, "written": read, "seconds": 2.0}, requests)


def result(**changes: Any) -> Result:
    found = {one.name: one for one in (measured(SYNC, 1000, 500), plain(PLAIN, 1000))}
    return Result(**{"contacts": 1000, "latency_ms": 0, "limits": True, "measured": found, **changes})


def test_both_read_the_same_properties() -> None:
    mapping = yaml.safe_load((CHECKOUT / "mappings" / "fields" / "hubspot.contacts.yaml").read_text())
    sources = [field["source"] for field in mapping["fields"].values()]
    named = {name for source in sources for name in ([source] if isinstance(source, str) else source)}
    named |= {*mapping["signals"]["text"], mapping["signals"]["ip"], mapping["signals"]["honeypot"]}
    assert set(PROPERTIES) == named


def test_tasks_belong_to_their_lead() -> None:
    one = measured(SYNC, read=1000, changed=500)
    assert (one.read, one.changed, one.calls_per_thousand("hubspot")) == (1000, 500, 20.0)
    assert one.calls_per_thousand("salesforce") == 0


def test_a_ratio_is_the_hub_divided_by_the_script_for_each_contact() -> None:
    [ratio] = ratios(result())
    assert (ratio.name, ratio.wall, ratio.cpu, ratio.calls, ratio.peak) == (SYNC, 2.0, 3.0, 0.5, 2.0)
    [ratio] = ratios(result(measured={RETURN: measured(RETURN, 300, 100), PLAIN_BACK: plain(PLAIN_BACK, 400)}))
    assert (ratio.wall, ratio.cpu, ratio.calls) == (8.0, 12.0, 2.0)


def test_the_speed_of_a_step() -> None:
    assert [tuple(one) for one in steps(measured(SYNC, 1000, 500))] == [
        ("land", 1000, 2.0, 500.0),
        ("shape", 990, 0.5, 1980.0),
        ("claim", 500, 0.0, 0.0),
    ]
    assert steps(plain(PLAIN, 1000)) == []


def test_the_share_of_a_limit_counts_intervals_and_what_was_served() -> None:
    [share] = shares(measured(SYNC, 1000, 500, calls=11, seconds=2.0))
    assert (share.path, share.calls, share.per_second, share.share, share.rows) == (
        "HubSpot search",
        11,
        5.0,
        1.0,
        1000,
    )
    [share] = shares(measured(SYNC, 1000, 500, calls=16, seconds=2.0, refused=5))
    assert share.share == 1.0
    assert list(shares(measured(SYNC, 1000, 500, calls=2, seconds=0.1))) == [], "a burst is no rate"


def test_signing_in_searching_and_reading_are_no_writes() -> None:
    one = measured(SYNC, 1000, 500)
    assert one.vendor_writes == 0
    one.requests["hubspot"]["by_endpoint"] |= {UPDATE: 3, "POST /crm/v3/objects/{object_type}/batch/read": 2}
    one.requests["salesforce"]["by_endpoint"] |= {"POST /services/oauth2/token": 1, "PATCH /a": 4, "GET /b": 5}
    assert one.vendor_writes == 7


def test_each_setting_has_its_section_and_what_is_written_by_hand_stays(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    write(file, [result()], ["first"])
    write(file, [result(limits=False)], ["second"])
    file.write_text(file.read_text() + "\nBy hand.\n")
    write(file, [result(contacts=2000)], ["third"])
    text = file.read_text()
    assert "`first`" not in text and text.index("`third`") < text.index("`second`") < text.index("By hand.")
    assert text.index("divided by the plain script") < text.index("### 2,000 contacts")
    assert text.startswith(FRESH[:100]) and text.count("<!-- begin") == text.count("<!-- end") == 2


@pytest.mark.slow
def test_a_tiny_benchmark(tmp_path: Path) -> None:
    results, figures = tmp_path / "RESULTS.md", tmp_path / "figures.json"
    assert main(["--contacts", "200", "--limits", "--results", str(results), "--json", str(figures)]) == 0
    [found] = json.loads(figures.read_text())["results"]
    assert not found["missing"]
    assert found["measured"].keys() == SCRIPTS_AND_SYNC | BACK
    assert all(found["checks"].values()) and f"{SYNC_AGAIN}: wrote nothing" in found["checks"]
    for one in found["measured"].values():
        assert all(one[name] > 0 for name in ("wall", "cpu", "peak_mb")), one["name"]
        assert one["requests"]["hubspot"]["total"] > 0 or one["name"] == RETURN_AGAIN
        assert one["requests"]["salesforce"]["total"] > 0
        assert "429" not in one["requests"]["hubspot"]["by_status"]
    script = found["measured"][PLAIN]["document"]
    assert script["written"] >= script["read"] >= 200 and script["failed"] == 0
    assert found["measured"][SYNC]["document"]["written"]["salesforce"]["Lead"]["created"] > 0
    assert {one["name"] for one in found["ratios"]} >= {SYNC}
    assert "| 200 | sync |" in results.read_text()

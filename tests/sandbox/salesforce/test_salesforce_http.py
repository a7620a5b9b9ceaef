"""What surrounds the data: conditional requests, compression, counts, versions and the list of resources."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import orjson
import pytest
import requests

from sandbox.clock import Clock


@pytest.fixture
def clock(wire):
    clock = Clock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    clock.freeze()
    wire.org.clock = clock
    wire.org.forget_views()
    return clock


@pytest.mark.parametrize("path", ["sobjects", "sobjects/Lead/describe"])
def test_describes_are_sent_again_only_when_they_changed(wire, clock, path):
    first = wire.ask("GET", path)
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    assert date == "Sun, 01 Mar 2026 12:00:00 GMT"
    for header in ({"If-None-Match": tag}, {"If-Modified-Since": date}):
        same = wire.ask("GET", path, headers=header)
        assert same.status_code == 304 and same.content == b"" and "Sforce-Limit-Info" in same.headers
    clock.advance(60)
    wire.org.define_field("Lead.New__c", {"type": "Text", "label": "New", "length": 5})
    assert wire.ask("GET", path, headers={"If-Modified-Since": date}).status_code == 200
    if "Lead" in path:
        assert wire.ask("GET", path, headers={"If-None-Match": tag}).status_code == 200


def test_conditions_on_records(wire, clock):
    account = wire.ask("POST", "sobjects/Account", {"Name": "Acme"}).json()["id"]
    path, lead = f"sobjects/Account/{account}", f"sobjects/Lead/{wire.lead()}"
    first = wire.ask("GET", path)
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    assert wire.ask("GET", path, headers={"If-None-Match": f'"x", {tag}'}).status_code == 304
    assert wire.ask("GET", path, headers={"If-Match": '"x"'}).status_code == 412
    assert "ETag" not in wire.ask("GET", lead).headers  # accounts only
    assert wire.ask("GET", lead, headers={"If-Modified-Since": date}).status_code == 304
    clock.advance(60)
    wire.ask("PATCH", lead, {"Title": "Nurse"})
    assert wire.ask("GET", lead, headers={"If-Modified-Since": date}).status_code == 200
    stale = wire.ask("PATCH", lead, {"Title": "Doctor"}, headers={"If-Unmodified-Since": date})
    assert stale.status_code == 412 and stale.json()[0]["errorCode"] == "PRECONDITION_FAILED"
    assert wire.ask("GET", lead, headers={"If-Modified-Since": "no date"}).status_code == 200


def test_compression_in_both_directions(wire):
    body = gzip.compress(orjson.dumps({"LastName": "Doe", "Company": "Acme"}))
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert wire.ask("POST", "sobjects/Lead", data=body, headers=headers).status_code == 201
    broken = wire.ask("POST", "sobjects/Lead", data=b"{}", headers=headers)
    assert broken.status_code == 400
    assert "Content-Encoding" not in wire.ask("GET", "sobjects").headers
    wire.org.change({"compress": True})
    packed = wire.ask("GET", "sobjects")
    assert packed.headers["Content-Encoding"] == "gzip" and packed.json()["sobjects"]
    plain = wire.ask("GET", "sobjects", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers and plain.json() == packed.json()


def test_counts_of_records(wire):
    wire.lead()
    wire.ask("DELETE", f"sobjects/Lead/{wire.lead()}")
    shown = wire.ask("GET", "limits/recordCount?sObjects=Lead,Account,Nothing").json()
    assert shown == {"sObjects": [{"count": 0, "name": "Account"}, {"count": 1, "name": "Lead"}]}


def test_limits_name_every_allowance(wire):
    shown = wire.ask("GET", "limits").json()
    assert {
        "DailyApiRequests",
        "DailyBulkApiBatches",
        "DailyBulkV2QueryJobs",
        "DataStorageMB",
        "MassEmail",
    } <= shown.keys()
    assert all(set(limit) == {"Max", "Remaining"} for limit in shown.values())
    used = shown["DailyApiRequests"]
    assert used["Max"] - used["Remaining"] == wire.org.api_usage


def test_resources_and_versions(wire):
    for version in ("58.0", "67.0", "68.0"):
        base = f"/services/data/v{version}"
        shown = wire.ask("GET", base).json()
        assert shown["sobjects"] == f"{base}/sobjects" and shown["identity"].endswith(wire.org.user_id)
        assert wire.ask("GET", f"{base}/sobjects/Lead/describe?X-PrettyPrint=1").status_code == 200
    assert requests.get(f"{wire.url}/services/data/", timeout=10).json()[-1]["label"] == "Winter '27"
    assert wire.ask("GET", "recent").json() == []

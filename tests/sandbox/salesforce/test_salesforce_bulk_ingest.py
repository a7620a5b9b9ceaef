"""Bulk API 2.0 ingest in its corners: multipart creation, hard deletion, odd data, restored jobs."""

from __future__ import annotations

import asyncio
import csv
import io
import pickle
import time
from datetime import datetime, timedelta

import pytest
import requests

from sandbox.salesforce import bulk as bulk_jobs
from sandbox.salesforce.bulk_ingest import Ingest
from sandbox.salesforce.org import Org

HEADER = "LastName,Company\n"


class Clock:
    """The org's clock, moved by hand."""

    def __init__(self, at):
        self.at = datetime.fromisoformat(at)

    def now(self):
        return self.at


class Loads:
    def __init__(self, wire):
        self.wire = wire

    def create(self, operation="insert", **more):
        return self.wire.ask("POST", "jobs/ingest", {"object": "Lead", "operation": operation, **more})

    def run(self, data, operation="insert", **more):
        reply = self.create(operation, **more)
        assert reply.status_code == 200, reply.text
        job = reply.json()
        raw = data if isinstance(data, bytes) else data.encode()
        headers = {"Content-Type": "text/csv; charset=UTF-8"}
        assert self.wire.ask("PUT", f"/{job['contentUrl']}", data=raw, headers=headers).status_code == 201
        self.wire.ask("PATCH", f"jobs/ingest/{job['id']}", {"state": "UploadComplete"})
        return self.wait(job["id"])

    def wait(self, key):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            job = self.wire.ask("GET", f"jobs/ingest/{key}").json()
            if job["state"] in ("JobComplete", "Failed", "Aborted"):
                return job
            time.sleep(0.01)
        raise AssertionError("the job did not end")

    def results(self, job, kind="failedResults"):
        return list(csv.DictReader(io.StringIO(self.wire.ask("GET", f"jobs/ingest/{job['id']}/{kind}").text)))


@pytest.fixture
def loads(wire):
    return Loads(wire)


def multipart(job, content):
    files = {"job": (None, job, "application/json"), "content": ("content", content, "text/csv")}
    prepared = requests.Request("POST", "http://localhost", files=files).prepare()
    return {"data": prepared.body, "headers": {"Content-Type": prepared.headers["Content-Type"]}}


def test_a_multipart_request_creates_and_starts_a_job(loads, wire):
    job = '{"object": "Lead", "operation": "insert", "contentType": "CSV", "lineEnding": "CRLF"}'
    reply = wire.ask("POST", "jobs/ingest", **multipart(job, "LastName,Company\r\nDöe,Acme\r\n".encode()))
    assert reply.status_code == 200 and reply.json()["state"] == "UploadComplete" and "contentUrl" not in reply.json()
    done = loads.wait(reply.json()["id"])
    assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == ("JobComplete", 1, 0)
    assert wire.query("SELECT LastName FROM Lead")["records"][0]["LastName"] == "Döe"


@pytest.mark.parametrize(
    ("job", "content", "code"),
    [
        ("{", b"", "JSON_PARSER_ERROR"),
        ("[]", b"", "JSON_PARSER_ERROR"),
        ('{"object": "Leed", "operation": "insert"}', b"", "INVALIDJOB"),
        ('{"object": "Lead", "operation": "insert"}', b"x" * 100_001, "CLIENT_INPUT_ERROR"),
    ],
)
def test_wrong_multipart_requests(wire, job, content, code):
    reply = wire.ask("POST", "jobs/ingest", **multipart(job, content))
    assert reply.status_code == 400 and reply.json()[0]["errorCode"] == code and not wire.org.jobs


def test_hard_deletion_needs_a_permission(loads, wire):
    key = wire.lead()
    refused = loads.create("hardDelete")
    assert refused.json()[0]["errorCode"] == "FEATURENOTENABLED"
    org = wire.org
    loader = org.new_id("0PS")
    org.load({
        "PermissionSet": [{"Id": loader, "Name": "Loader", "Label": "Loader", "PermissionsBulkApiHardDelete": True}],
        "PermissionSetAssignment": [{"PermissionSetId": loader, "AssigneeId": org.user_id}],
    })  # fmt: skip
    assert loads.run(f"Id\n{key}\n", "hardDelete")["numberRecordsFailed"] == 0
    everything = wire.ask("GET", "queryAll", params={"q": "SELECT Id FROM Lead"}).json()
    assert everything["totalSize"] == 0
    window = {"start": "2026-01-01T00:00:00Z", "end": "2099-01-01T00:00:00Z"}
    deleted = wire.ask("GET", "sobjects/Lead/deleted", params=window).json()["deletedRecords"]
    assert [entry["id"] for entry in deleted] == [key]


def test_a_byte_order_mark_is_no_part_of_the_first_name(loads):
    assert loads.run(b"\xef\xbb\xbf" + f"{HEADER}A,B\n".encode())["numberRecordsFailed"] == 0


def test_data_without_records(loads):
    empty = loads.run(HEADER)
    assert (empty["state"], empty["numberRecordsProcessed"]) == ("JobComplete", 0)
    nothing = loads.run("")
    assert nothing["state"] == "Failed" and nothing["errorMessage"].startswith("InvalidBatch")


def test_data_that_is_no_text(loads):
    job = loads.run(HEADER.encode() + b"\xff\xfe,B\n")
    assert job["state"] == "Failed" and "UTF-8" in job["errorMessage"]


def test_too_much_data(loads, wire, monkeypatch):
    monkeypatch.setattr("sandbox.salesforce.rest_bulk._LARGEST", 100)
    job = loads.create().json()
    assert wire.ask("PUT", f"/{job['contentUrl']}", data=b"x" * 101).status_code == 413
    assert wire.ask("PUT", f"/{job['contentUrl']}", data=b"x" * 100).status_code == 201


def test_null_and_unknown_parents(loads, wire, user):
    chief = user("Chief")
    wire.org.load({"Account": [{"Name": "Acme"}]})
    account = wire.query("SELECT Id FROM Account")["records"][0]["Id"]
    contact = wire.ask("POST", "sobjects/Contact", {"LastName": "Roe", "AccountId": account, "OwnerId": chief})
    key = contact.json()["id"]
    done = loads.run(f"Id,Account.Id,Owner.Username\n{key},#N/A,\n", "update", object="Contact")
    assert done["numberRecordsFailed"] == 0
    record = wire.query("SELECT AccountId, OwnerId FROM Contact")["records"][0]
    assert (record["AccountId"], record["OwnerId"]) == (None, chief)
    failed = loads.run(f"Id,Owner.Username\n{key},nobody@example.org\n", "update", object="Contact")
    assert loads.results(failed)[0]["sf__Error"].startswith("INVALID_FIELD:Foreign key external ID: nobody@example.org")
    assert loads.run(f"Id,Boss.Name\n{key},x\n", "update", object="Contact")["state"] == "Failed"


def test_the_same_external_id_in_one_chunk(loads):
    text = "Crosswalk_Id__c,LastName,Company\n" + "".join(f"k{n % 150},L{n},A\n" for n in range(300))
    job = loads.run(text, "upsert", externalIdFieldName="Crosswalk_Id__c")
    # Chunks are of 200 rows: 50 ids come twice in the first one, none in the second.
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (300, 50)
    assert {row["sf__Error"].partition(":")[0] for row in loads.results(job)} == {"DUPLICATE_VALUE"}


def test_a_deletion_says_what_it_does_not_know(loads, wire):
    known = wire.lead()
    job = loads.run(f"Id\n{known}\nbad\n00QgK0000zzzzzz\n", "delete")
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 2)
    assert {row["sf__Error"].partition(":")[0] for row in loads.results(job)} == {
        "MALFORMED_ID", "INVALID_CROSS_REFERENCE_KEY",
    }  # fmt: skip
    assert [row["sf__Id"] for row in loads.results(job, "successfulResults")] == [known]


def test_jobs_are_kept_for_seven_days(loads, wire):
    wire.org.clock = clock = Clock("2026-03-01T12:00:00+00:00")
    job = loads.run(f"{HEADER}A,B\n")
    clock.at += timedelta(days=7)
    assert len(loads.results(job, "successfulResults")) == 1
    clock.at += timedelta(seconds=1)
    assert wire.ask("GET", f"jobs/ingest/{job['id']}").status_code == 404


def test_an_open_job_cannot_be_deleted(loads, wire):
    key = loads.create().json()["id"]
    assert wire.ask("DELETE", f"jobs/ingest/{key}").json()[0]["errorCode"] == "API_ERROR"
    assert wire.ask("GET", f"jobs/ingest/{key}/successfulResults").json()[0]["errorCode"] == "INVALIDJOBSTATE"


def test_the_job_resource(loads):
    job = loads.run(f"{HEADER}A,B\n,C\n")
    assert set(job) == {
        "id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state", "concurrencyMode",
        "contentType", "apiVersion", "jobType", "lineEnding", "columnDelimiter", "numberRecordsProcessed",
        "numberRecordsFailed", "retries", "totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime",
    }  # fmt: skip
    assert (job["jobType"], job["apiVersion"], job["numberRecordsFailed"]) == ("V2Ingest", 66.0, 1)


def test_a_restored_job_goes_on_where_it_was():
    """Rows that were done when the snapshot was taken are not done again."""

    async def story():
        org = Org()
        org.bulk_delay = 0
        job = Ingest("750x", "insert", "Lead", "66.0", org.stamp(), org.user_id, state="UploadComplete",
                     content=(HEADER + "".join(f"L{n},A\n" for n in range(1000))).encode())  # fmt: skip
        org.jobs[job.key] = job
        bulk_jobs.start(org, job)
        for _ in range(100):
            if len(job.succeeded) >= 400:
                break
            await asyncio.sleep(0)
        taken = pickle.dumps((org.jobs, org.tables["Lead"].rows))
        done = len(job.succeeded)
        await job.task
        assert len(org.tables["Lead"].rows) == 1000
        org.jobs, rows = pickle.loads(taken)
        for key in [key for key in org.tables["Lead"].rows if key not in rows]:
            org.tables["Lead"].drop(key)
        assert len(org.tables["Lead"].rows) == done < 1000
        bulk_jobs.resume(org)
        await org.jobs["750x"].task
        names = [record["LastName"] for record in org.tables["Lead"].rows.values()]
        assert len(names) == len(set(names)) == 1000
        assert len(org.jobs["750x"].succeeded) == 1000 and org.jobs["750x"].state == "JobComplete"

    asyncio.run(story())


def test_through_the_official_client(official, wire):
    client = official.bulk2.Lead
    rows = [{"LastName": f"L{n}", "Company": "Acme", "Crosswalk_Id__c": f"k{n}"} for n in range(25)]
    (first,) = client.insert(records=rows, wait=0.02)
    assert (first["numberRecordsProcessed"], first["numberRecordsFailed"]) == (25, 0)
    changed = [{**row, "Company": "Other"} for row in rows[:5]] + [
        {"LastName": "X", "Company": "", "Crosswalk_Id__c": "new"}
    ]
    (second,) = client.upsert(records=changed, external_id_field="Crosswalk_Id__c", wait=0.02)
    assert (second["numberRecordsProcessed"], second["numberRecordsFailed"]) == (6, 1)
    assert "REQUIRED_FIELD_MISSING" in client.get_failed_records(second["job_id"])
    assert wire.query("SELECT COUNT() FROM Lead WHERE Company = 'Other'")["totalSize"] == 5
    ids = [{"Id": record["Id"]} for record in wire.query("SELECT Id FROM Lead LIMIT 3")["records"]]
    (third,) = client.delete(records=ids, wait=0.02)
    assert third["numberRecordsFailed"] == 0 and wire.query("SELECT COUNT() FROM Lead")["totalSize"] == 22

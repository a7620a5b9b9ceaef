"""Bulk API 2.0 query jobs, over the wire and through the official client."""

from __future__ import annotations

import asyncio
import csv
import io
import pickle
import time
from datetime import datetime, timedelta

import pytest

from sandbox.salesforce import bulk as bulk_jobs
from sandbox.salesforce import csv_text
from sandbox.salesforce.bulk_query import QueryJob, locator, place
from sandbox.salesforce.org import Org

TEXT = "SELECT Id, LastName, Owner.Name, Score__c, Consent__c, Seen__c, Email FROM Lead"


class Clock:
    """The org's clock, moved by hand."""

    def __init__(self, at):
        self.at = datetime.fromisoformat(at)

    def now(self):
        return self.at


class Queries:
    def __init__(self, wire):
        self.wire = wire

    def create(self, text=TEXT, operation="query", **more):
        return self.wire.ask("POST", "jobs/query", {"operation": operation, "query": text, **more})

    def run(self, text=TEXT, **more):
        reply = self.create(text, **more)
        assert reply.status_code == 200, reply.text
        return self.wait(reply.json()["id"])

    def wait(self, key):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            job = self.wire.ask("GET", f"jobs/query/{key}").json()
            if job["state"] in ("JobComplete", "Failed", "Aborted"):
                return job
            time.sleep(0.01)
        raise AssertionError("the job did not end")

    def results(self, job, **asked):
        return self.wire.ask("GET", f"jobs/query/{job['id']}/results", params=asked)


@pytest.fixture
def queries(wire):
    return Queries(wire)


def rows(reply, **layout):
    return list(csv.DictReader(io.StringIO(reply.text), **layout))


def load(wire, count):
    wire.org.load({"Lead": [{"LastName": f"L{n:04}", "Company": "Acme"} for n in range(count)]})


def test_a_job_from_creation_to_results(queries, wire):
    key = wire.lead(LastName="Doe", Score__c=1.5, Consent__c=True, Seen__c="2026-01-02T03:04:05Z")
    created = queries.create().json()
    assert created["state"] == "UploadComplete" and created["id"].startswith("750")
    assert set(created) == {
        "id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state", "concurrencyMode",
        "contentType", "apiVersion", "lineEnding", "columnDelimiter",
    }  # fmt: skip
    job = queries.wait(created["id"])
    assert (job["state"], job["numberRecordsProcessed"], job["object"]) == ("JobComplete", 1, "Lead")
    assert (job["jobType"], job["retries"], job["isPkChunkingSupported"]) == ("V2Query", 0, True)
    reply = queries.results(job)
    assert reply.headers["content-type"].startswith("text/csv")
    assert (reply.headers["Sforce-Locator"], reply.headers["Sforce-NumberOfRecords"]) == ("null", "1")
    header, row = reply.text.splitlines()
    assert header == '"Id","LastName","Owner.Name","Score__c","Consent__c","Seen__c","Email"'
    assert row == f'"{key}","Doe","Crosswalk Integration","1.5","true","2026-01-02T03:04:05.000Z",""'


def test_states_can_be_watched(queries, wire):
    wire.org.bulk_delay = 0.1
    key, seen = queries.create().json()["id"], []
    refused = wire.ask("GET", f"jobs/query/{key}/results")
    assert refused.status_code == 400 and refused.json()[0]["errorCode"] == "INVALIDJOBSTATE"
    while not seen or seen[-1] != "JobComplete":
        state = wire.ask("GET", f"jobs/query/{key}").json()["state"]
        if not seen or seen[-1] != state:
            seen.append(state)
        time.sleep(0.01)
    assert seen == ["UploadComplete", "InProgress", "JobComplete"]


def test_results_come_in_sets(queries, wire):
    load(wire, 250)
    job = queries.run("SELECT LastName FROM Lead ORDER BY LastName")
    first = queries.results(job, maxRecords=100)
    assert (first.headers["Sforce-Locator"], first.headers["Sforce-NumberOfRecords"]) == ("MTAw", "100")
    second = queries.results(job, maxRecords=100, locator="MTAw")
    last = queries.results(job, maxRecords=100, locator=second.headers["Sforce-Locator"])
    assert (last.headers["Sforce-Locator"], last.headers["Sforce-NumberOfRecords"]) == ("null", "50")
    names = [row["LastName"] for reply in (first, second, last) for row in rows(reply)]
    assert names == [f"L{n:04}" for n in range(250)]
    assert queries.results(job, maxRecords=100, locator="MTAw").text == second.text
    for wrong in ({"locator": "!"}, {"locator": locator(251)}, {"maxRecords": "0"}):
        assert queries.results(job, **wrong).status_code == 400


def test_no_records_are_a_header(queries):
    job = queries.run("SELECT Id FROM Lead")
    assert queries.results(job).text == '"Id"\n' and job["numberRecordsProcessed"] == 0


def test_results_are_those_of_the_moment_of_the_query(queries, wire):
    key = wire.lead(LastName="Before")
    job = queries.run("SELECT LastName FROM Lead")
    wire.ask("PATCH", f"sobjects/Lead/{key}", {"LastName": "After"})
    assert rows(queries.results(job)) == [{"LastName": "Before"}]


def test_layout_and_deleted_records(queries, wire):
    kept, gone = wire.lead(LastName='A "b";\nc'), wire.lead(LastName="Gone")
    wire.ask("DELETE", f"sobjects/Lead/{gone}")
    text = "select id, LASTNAME, isdeleted from lead order by lastname"
    layout = {"columnDelimiter": "SEMICOLON", "lineEnding": "CRLF"}
    reply = queries.results(queries.run(text, operation="queryAll", **layout))
    assert reply.content == (
        f'"Id";"LastName";"IsDeleted"\r\n"{kept}";"A ""b"";\nc";"false"\r\n"{gone}";"Gone";"true"\r\n'.encode()
    )
    assert queries.run(text)["numberRecordsProcessed"] == 1


def test_another_version_gets_no_results(queries, wire):
    job = queries.run("SELECT Id FROM Lead")
    for what in ("results", "resultPages"):
        assert wire.ask("GET", f"/services/data/v65.0/jobs/query/{job['id']}/{what}").status_code == 409


def test_addresses_for_fetching_side_by_side(queries, wire, monkeypatch):
    monkeypatch.setattr("sandbox.salesforce.bulk_query.PAGE", 10)
    load(wire, 65)
    job = queries.run("SELECT LastName FROM Lead")
    first = wire.ask("GET", f"jobs/query/{job['id']}/resultPages").json()
    assert len(first["resultPages"]) == 5 and first["done"] is False
    rest = wire.ask("GET", first["nextRecordsUrl"]).json()
    assert rest["done"] is True and "nextRecordsUrl" not in rest
    pages = [wire.ask("GET", page["resultUrl"]) for page in first["resultPages"] + rest["resultPages"]]
    assert len({row["LastName"] for page in pages for row in rows(page)}) == 65


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT COUNT() FROM Lead", "API_ERROR"),
        ("SELECT Status FROM Lead GROUP BY Status", "API_ERROR"),
        ("SELECT MAX(Score__c) FROM Lead", "API_ERROR"),
        ("SELECT Id FROM Lead OFFSET 5", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Tasks) FROM Lead", "API_ERROR"),
        ("SELECT TYPEOF Who WHEN Lead THEN Company END FROM Task", "API_ERROR"),
        ("SELECT FIELDS(STANDARD) FROM Lead", "API_ERROR"),
        ("SELECT Nope FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Nope = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Leed", "INVALID_TYPE"),
        ("SELECT Id FORM Lead", "MALFORMED_QUERY"),
        ("", "INVALIDJOB"),
    ],
)
def test_refused_queries(queries, wire, text, code):
    reply = queries.create(text)
    assert reply.status_code == 400 and reply.json()[0]["errorCode"] == code, reply.text
    assert wire.org.jobs == {}


def test_refused_jobs(queries):
    for more in ({"operation": "insert"}, {"contentType": "JSON"}, {"lineEnding": "CR"}, {"columnDelimiter": "X"}):
        assert queries.create(**more).json()[0]["errorCode"] == "INVALIDJOB"


def test_aborting_and_deleting(queries, wire):
    wire.org.bulk_delay = 5
    key = queries.create().json()["id"]
    assert wire.ask("PATCH", f"jobs/query/{key}", {"state": "JobComplete"}).status_code == 400
    assert wire.ask("PATCH", f"jobs/query/{key}", {"state": "Aborted"}).json()["state"] == "Aborted"
    assert wire.ask("PATCH", f"jobs/query/{key}", {"state": "Aborted"}).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert wire.ask("GET", f"jobs/query/{key}/results").status_code == 400
    assert wire.ask("GET", f"jobs/ingest/{key}").status_code == 404
    assert wire.ask("DELETE", f"jobs/query/{key}").status_code == 204
    assert wire.ask("GET", f"jobs/query/{key}").status_code == 404


def test_listing(queries, wire):
    queries.run()
    wire.ask("POST", "jobs/ingest", {"object": "Lead", "operation": "insert"})
    listed = wire.ask("GET", "jobs/query").json()
    assert (listed["done"], listed["nextRecordsUrl"]) == (True, None)
    assert [job["jobType"] for job in listed["records"]] == ["V2Query"]
    assert [job["jobType"] for job in wire.ask("GET", "jobs/ingest").json()["records"]] == ["V2Ingest"]
    for asked in ("jobType=Classic", "isPkChunkingEnabled=true", "concurrencyMode=serial"):
        assert wire.ask("GET", f"jobs/query?{asked}").json()["records"] == []
    assert len(wire.ask("GET", "jobs/query?jobType=V2Query&isPkChunkingEnabled=false").json()["records"]) == 1


def test_listings_are_paged(queries, wire, monkeypatch):
    monkeypatch.setattr("sandbox.salesforce.rest_bulk_jobs._PAGE", 2)
    keys = {queries.create().json()["id"] for _ in range(5)}
    page = wire.ask("GET", "jobs/query").json()
    seen = [job["id"] for job in page["records"]]
    while not page["done"]:
        page = wire.ask("GET", page["nextRecordsUrl"]).json()
        seen += [job["id"] for job in page["records"]]
    assert len(seen) == 5 and set(seen) == keys
    assert wire.ask("GET", "jobs/query?queryLocator=x").json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_jobs_are_kept_for_seven_days(queries, wire):
    wire.org.clock = clock = Clock("2026-03-01T12:00:00+00:00")
    job = queries.run("SELECT Id FROM Lead")
    clock.at += timedelta(days=7)
    assert queries.results(job).status_code == 200
    clock.at += timedelta(seconds=1)
    assert queries.results(job).status_code == 404
    assert wire.ask("GET", "jobs/query").json()["records"] == []


def test_a_restored_job_goes_on():
    """What a snapshot holds of a job is worked on again after `resume`, and nothing before."""

    async def story():
        org = Org()
        org.bulk_delay = 0
        org.load({"Lead": [{"LastName": "Doe", "Company": "Acme"}]})
        job = QueryJob("750x", "query", "Lead", "66.0", org.stamp(), org.user_id, state="UploadComplete",
                       text="SELECT Id FROM Lead")  # fmt: skip
        org.jobs[job.key] = job
        bulk_jobs.start(org, job)
        copied = pickle.loads(pickle.dumps(org.jobs))
        job.task.cancel()
        org.jobs = copied
        await asyncio.sleep(0.01)
        assert org.jobs["750x"].state == "UploadComplete" and org.jobs["750x"].task is None
        bulk_jobs.resume(org)
        await org.jobs["750x"].task
        assert org.jobs["750x"].state == "JobComplete" and len(org.jobs["750x"].records) == 1
        pickle.dumps(org.jobs)

    asyncio.run(story())


def test_through_the_official_client(official, wire, tmp_path):
    load(wire, 30)
    client = official.bulk2.Lead
    pages = list(client.query("SELECT Id, LastName FROM Lead", max_records=20, wait=0.02))
    assert [len(rows_of) for rows_of in (list(csv.DictReader(io.StringIO(p))) for p in pages)] == [20, 10]
    assert len(list(client.query_all("SELECT Id FROM Lead", wait=0.02))) == 1
    files = client.download("SELECT Id FROM Lead", str(tmp_path), max_records=25, wait=0.02)
    assert [found["number_of_records"] for found in files] == [25, 5]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (True, "true"), (False, "false"), (1.0, "1.0"), (0.0, "0.0"), (1234567.8, "1234567.8"),
     (350_000_000.0, "3.5E8"), (12345678.9, "1.23456789E7"), (-0.00025, "-2.5E-4"), (10_000_000.0, "1.0E7"),
     (7, "7"), ("2026-01-02T03:04:05.000+0000", "2026-01-02T03:04:05.000Z"), ("2026-01-02", "2026-01-02")],
)  # fmt: skip
def test_cells(value, shown):
    assert csv_text.cell(value) == shown


def test_locators_name_a_place():
    assert locator(10_000) == "MTAwMDA" and all(place(locator(n)) == n for n in (0, 7, 50_000, 123_456_789))

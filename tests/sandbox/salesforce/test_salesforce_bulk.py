"""Bulk API 2.0 ingest."""

from __future__ import annotations

import csv
import io
import time

import pytest


class Bulk:
    def __init__(self, wire):
        self.wire = wire

    def create(self, operation="upsert", **more):
        body = {"object": "Lead", "operation": operation, "contentType": "CSV", "lineEnding": "LF", **more}
        if operation == "upsert":
            body.setdefault("externalIdFieldName", "Crosswalk_Id__c")
        reply = self.wire.ask("POST", "jobs/ingest", body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def put(self, job, text):
        headers = {"Content-Type": "text/csv"}
        return self.wire.ask("PUT", f"/{job['contentUrl']}", data=text.encode(), headers=headers)

    def state(self, job, state):
        return self.wire.ask("PATCH", f"jobs/ingest/{job['id']}", {"state": state})

    def status(self, job):
        return self.wire.ask("GET", f"jobs/ingest/{job['id']}").json()

    def wait(self, job):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            status = self.status(job)
            if status["state"] in ("JobComplete", "Failed", "Aborted"):
                return status
            time.sleep(0.01)
        raise AssertionError("the job did not end")

    def run(self, text, operation="upsert", **more):
        job = self.create(operation, **more)
        assert self.put(job, text).status_code == 201
        assert self.state(job, "UploadComplete").json()["state"] == "UploadComplete"
        return job, self.wait(job)

    def results(self, job, kind):
        reply = self.wire.ask("GET", f"jobs/ingest/{job['id']}/{kind}")
        assert reply.status_code == 200 and reply.headers["content-type"].startswith("text/csv")
        return list(csv.DictReader(io.StringIO(reply.text)))


@pytest.fixture
def bulk(wire):
    return Bulk(wire)


def test_upsert_creates_updates_and_refuses(bulk, wire):
    known = wire.lead(Crosswalk_Id__c="k1", Title="Nurse", Email="k1@example.org")
    text = (
        "Crosswalk_Id__c,LastName,Company,Email,Title,Consent__c\n"
        'k1,Doe,"Acme, Inc",#N/A,,true\nk2,Poe,Acme,,,\nk3,Roe,Acme,bad,,\nk4,,Acme,,,\n,Noid,Acme,,,\n'
    )
    job, status = bulk.run(text)
    assert (status["state"], status["numberRecordsProcessed"], status["numberRecordsFailed"]) == ("JobComplete", 5, 3)
    done = {row["Crosswalk_Id__c"]: row for row in bulk.results(job, "successfulResults")}
    assert done["k1"]["sf__Id"] == known and done["k1"]["sf__Created"] == "false"
    assert done["k2"]["sf__Created"] == "true" and done["k2"]["LastName"] == "Poe"
    lead = wire.read(known)
    assert lead["Company"] == "Acme, Inc" and lead["Title"] == "Nurse" and "Email" not in lead and lead["Consent__c"]
    failed = {row["LastName"]: row["sf__Error"] for row in bulk.results(job, "failedResults")}
    assert failed == {
        "Roe": "INVALID_EMAIL_ADDRESS:Email: invalid email address: bad:Email --",
        "": "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
        "Noid": "MISSING_ARGUMENT:Crosswalk_Id__c not specified:Crosswalk_Id__c --",
    }
    assert bulk.results(job, "unprocessedrecords") == []


def test_content_url_and_job_resource(bulk, wire):
    job = bulk.create()
    assert job["contentUrl"] == f"services/data/v66.0/jobs/ingest/{job['id']}/batches" and job["state"] == "Open"
    assert job["id"].startswith("750") and job["externalIdFieldName"] == "Crosswalk_Id__c"
    listed = wire.ask("GET", "jobs/ingest").json()
    assert listed["done"] and [j["id"] for j in listed["records"]] == [job["id"]]
    assert wire.ask("GET", "jobs/ingest/750nothing").status_code == 404


def test_states_can_be_watched_and_finished_jobs_deleted(bulk, wire):
    wire.org.bulk_delay = 0.15
    job = bulk.create("insert")
    bulk.put(job, "LastName,Company\nA,B\n")
    bulk.state(job, "UploadComplete")
    seen = []
    while not seen or seen[-1] not in ("JobComplete", "Failed"):
        state = bulk.status(job)["state"]
        if not seen or seen[-1] != state:
            seen.append(state)
        time.sleep(0.01)
    assert seen == ["UploadComplete", "InProgress", "JobComplete"]
    assert wire.ask("DELETE", f"jobs/ingest/{job['id']}").status_code == 204
    assert wire.ask("GET", f"jobs/ingest/{job['id']}").status_code == 404


def test_results_come_in_another_order_but_always_the_same(bulk):
    text = "LastName,Company\n" + "".join(f"L{n:03},Acme\n" for n in range(200))
    job, _ = bulk.run(text, "insert")
    names = [row["LastName"] for row in bulk.results(job, "successfulResults")]
    assert names != sorted(names) and len(set(names)) == 200
    assert names == [row["LastName"] for row in bulk.results(job, "successfulResults")]


def test_aborting(bulk, wire):
    job = bulk.create("insert")
    bulk.put(job, "LastName,Company\nA,B\nC,D\n")
    assert bulk.state(job, "Aborted").json()["state"] == "Aborted"
    assert [r["LastName"] for r in bulk.results(job, "unprocessedrecords")] == ["A", "C"]
    assert wire.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
    assert bulk.state(job, "UploadComplete").json()[0]["errorCode"] == "INVALIDJOBSTATE"


def test_aborting_in_progress_keeps_what_is_done(bulk, wire):
    rows = 60_000
    text = "LastName,Company\n" + "".join(f"L{n},Acme\n" for n in range(rows))
    job = bulk.create("insert")
    bulk.put(job, text)
    bulk.state(job, "UploadComplete")
    while bulk.status(job)["numberRecordsProcessed"] == 0:
        time.sleep(0.002)
    bulk.state(job, "Aborted")
    time.sleep(0.1)
    done, left = bulk.status(job)["numberRecordsProcessed"], len(bulk.results(job, "unprocessedrecords"))
    assert 0 < done < rows and done + left == rows
    assert wire.query("SELECT COUNT() FROM Lead")["totalSize"] == done


def test_a_second_upload_is_refused(bulk):
    job = bulk.create("insert")
    assert bulk.put(job, "LastName,Company\nA,B\n").status_code == 201
    assert "Found multiple contents" in bulk.put(job, "LastName,Company\nA,B\n").json()[0]["message"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("LastName,Shoe__c\nA,B\n", "InvalidBatch : Field name not found : Shoe__c"),
        ("LastName,Company\r\nA,B\r\n", "LineEnding is invalid on user data. Current LineEnding setting is LF"),
        ("LastName,Company\nA,B,C\n", "InvalidBatch"),
    ],
)
def test_unreadable_data_fails_the_job(bulk, text, part):
    _, status = bulk.run(text, "insert")
    assert status["state"] == "Failed" and part in status["errorMessage"]


def test_update_and_delete_by_id(bulk, wire):
    first, second = wire.lead(), wire.lead()
    job, status = bulk.run(f"Id;Title\r\n{first};Nurse\r\nbad;Nurse\r\n", "update", lineEnding="CRLF",
                           columnDelimiter="SEMICOLON")  # fmt: skip
    assert (status["state"], status["numberRecordsFailed"]) == ("JobComplete", 1)
    assert wire.read(first)["Title"] == "Nurse"
    failed = wire.ask("GET", f"jobs/ingest/{job['id']}/failedResults").text
    assert failed.startswith('"sf__Id";"sf__Error";"Id";"Title"\r\n"bad";"MALFORMED_ID:')
    _, status = bulk.run(f"Id\n{second}\n", "delete")
    assert status["numberRecordsFailed"] == 0 and wire.read(second)["IsDeleted"]


def test_assignment_rules_fire_only_when_the_job_names_one(bulk, wire, user):
    chief = user("Chief")
    wire.org.change({"assignment_rule": chief})
    bulk.run("Crosswalk_Id__c,LastName,Company\nk1,A,B\n")
    rule = next(iter(wire.org.tables["AssignmentRule"].rows))
    bulk.run("Crosswalk_Id__c,LastName,Company\nk2,A,B\n", assignmentRuleId=rule)
    found = wire.query("SELECT Crosswalk_Id__c, OwnerId FROM Lead ORDER BY Crosswalk_Id__c")["records"]
    assert [r["OwnerId"] for r in found] == [wire.org.user_id, chief]


def test_parents_by_external_id(bulk, wire):
    lead = wire.lead(Crosswalk_Id__c="k1")
    text = "Subject,Lead:Who.Crosswalk_Id__c,Owner.Username\nCall,k1,integration@crosswalk.example.org\nCall,none,\n"
    _, status = bulk.run(text, "insert", object="Task")
    assert (status["numberRecordsProcessed"], status["numberRecordsFailed"]) == (2, 1)
    assert wire.query("SELECT WhoId FROM Task")["records"][0]["WhoId"] == lead


def test_wrong_jobs_are_refused(wire):
    for body in (
        {"object": "Lead", "operation": "replace"},
        {"object": "Leed", "operation": "insert"},
        {"object": "Lead", "operation": "upsert"},
        {"object": "Lead", "operation": "upsert", "externalIdFieldName": "Company"},
        {"object": "Lead", "operation": "insert", "lineEnding": "CR"},
        {"object": "Lead", "operation": "insert", "contentType": "JSON"},
    ):
        reply = wire.ask("POST", "jobs/ingest", body)
        assert reply.status_code == 400 and reply.json()[0]["errorCode"] == "INVALIDJOB"


def test_calls_are_answered_while_ten_thousand_rows_are_written(bulk, wire):
    text = "Crosswalk_Id__c,LastName,Company,Email,OwnerId\n" + "".join(
        f"k{n},L{n},Acme,p{n}@example.org,{wire.org.user_id}\n" for n in range(10_000)
    )
    job = bulk.create()
    bulk.put(job, text)
    bulk.state(job, "UploadComplete")
    seen = set()
    while (status := bulk.status(job))["state"] != "JobComplete":
        seen.add(status["numberRecordsProcessed"])
    assert status["numberRecordsFailed"] == 0 and any(0 < count < 10_000 for count in seen)
    ids = ", ".join(f"'k{n * 30}'" for n in range(300))
    found = wire.query(f"SELECT Id FROM Lead WHERE Crosswalk_Id__c IN ({ids}) AND IsConverted = false")
    assert found["totalSize"] == 300

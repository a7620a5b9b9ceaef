"""The older Bulk API: JSON through the official client, CSV and XML as taps speak it."""

from __future__ import annotations

import asyncio
import csv
import io
import pickle
import time
from xml.etree import ElementTree as ET

import pytest

from sandbox.salesforce import bulk as bulk_jobs
from sandbox.salesforce.bulk_classic import Classic
from sandbox.salesforce.org import Org

SPACE = "{http://www.force.com/2009/06/asyncapi/dataload}"
JSON, XML, CSV = "application/json", "application/xml; charset=UTF-8", "text/csv; charset=UTF-8"


class Async:
    """Calls of a tap: JSON to make a job, the job's own format for the rest."""

    def __init__(self, wire):
        self.wire = wire

    def ask(self, method, path, data=None, content_type=JSON, **headers):
        given = {"X-SFDC-Session": self.wire.token, "Content-Type": content_type, **headers}
        url = f"{self.wire.url}/services/async/66.0/{path}"
        return self.wire.session.request(method, url, data=data, headers=given, timeout=20)

    def create(self, operation="insert", content_type="CSV", name="Lead", more="", **headers):
        body = f'{{"operation": "{operation}", "object": "{name}", "contentType": "{content_type}"{more}}}'
        reply = self.ask("POST", "job", body, **headers)
        assert reply.status_code == 201, reply.text
        return reply.json()["id"]

    def add(self, job, data, content_type=CSV):
        reply = self.ask("POST", f"job/{job}/batch", data, content_type)
        assert reply.status_code == 201, reply.text
        return reply.json()["id"] if reply.text.startswith("{") else told(reply)["id"]

    def wait(self, job, batch):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            reply = self.ask("GET", f"job/{job}/batch/{batch}")
            info = reply.json() if reply.text.startswith("{") else told(reply)
            if info["state"] not in ("Queued", "InProgress"):
                return info
            time.sleep(0.01)
        raise AssertionError("the batch did not end")

    def run(self, data, **job):
        made = self.create(**job)
        batch = self.add(made, data)
        return made, batch, self.wait(made, batch)

    def rows(self, job, batch, rest=""):
        reply = self.ask("GET", f"job/{job}/batch/{batch}/result{rest}")
        return list(csv.DictReader(io.StringIO(reply.text)))


def told(reply):
    """The elements of a flat XML reply."""
    return {child.tag.removeprefix(SPACE): child.text for child in ET.fromstring(reply.text)}


@pytest.fixture
def classic(wire):
    return Async(wire)


@pytest.fixture
def impatient(monkeypatch):
    """The official client looks every few milliseconds whether a batch is done, not every five seconds."""
    real = time.sleep
    monkeypatch.setattr("simple_salesforce.bulk.sleep", lambda seconds: real(0.02))


@pytest.mark.usefixtures("impatient")
def test_the_official_client_writes(official, wire):
    client = official.bulk.Lead
    rows = [{"LastName": f"L{n}", "Company": "Acme", "Crosswalk_Id__c": f"k{n}"} for n in range(3)]
    made = client.insert([*rows, {"LastName": "X"}])
    assert [(row["success"], row["created"]) for row in made] == [(True, True)] * 3 + [(False, False)]
    assert made[3]["id"] is None and made[3]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert made[3]["errors"][0]["fields"] == ["Company"]
    changed = client.update([{"Id": made[0]["id"], "Title": "Nurse", "Email": None}])
    assert changed == [{"success": True, "created": False, "id": made[0]["id"], "errors": []}]
    assert wire.read(made[0]["id"])["Title"] == "Nurse"
    wanted = [{"Crosswalk_Id__c": "k1", "Company": "Other"}, {**rows[0], "Crosswalk_Id__c": "k9"}]
    upserted = client.upsert(wanted, "Crosswalk_Id__c")
    assert [row["created"] for row in upserted] == [False, True]
    assert client.delete([{"Id": made[2]["id"]}])[0]["success"]
    assert wire.read(made[2]["id"])["IsDeleted"]


@pytest.mark.usefixtures("impatient")
def test_the_official_client_reads(official, wire):
    wire.lead(LastName="Doe", Seen__c="2026-01-02T03:04:05Z", Score__c=1.5)
    (record,) = official.bulk.Lead.query("SELECT Id, LastName, Owner.Name, Seen__c, Score__c FROM Lead")
    assert record["attributes"]["type"] == "Lead" and record["Owner"]["Name"] == "Crosswalk Integration"
    assert (record["LastName"], record["Score__c"], record["Seen__c"]) == ("Doe", 1.5, 1767323045000)
    assert official.bulk.Lead.query("SELECT Id FROM Lead WHERE LastName = 'x'") == []
    key = record["Id"]
    official.Lead.delete(key)
    assert [r["Id"] for r in official.bulk.Lead.query_all("SELECT Id FROM Lead")] == [key]


def test_the_job_and_batch_resources_in_json(classic):
    job = classic.ask("POST", "job", '{"operation": "insert", "object": "Lead", "contentType": "JSON"}').json()
    assert list(job) == sorted(job)
    assert (job["state"], job["concurrencyMode"], job["apiVersion"]) == ("Open", "Parallel", 66.0)
    batch = classic.ask("POST", f"job/{job['id']}/batch", '[{"LastName": "A", "Company": "B"}, {}]').json()
    assert batch["id"].startswith("751") and batch["jobId"] == job["id"] and batch["state"] == "Queued"
    done = classic.wait(job["id"], batch["id"])
    assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == ("Completed", 2, 1)
    listed = classic.ask("GET", f"job/{job['id']}/batch").json()["batchInfo"]
    assert [one["id"] for one in listed] == [batch["id"]]
    closed = classic.ask("POST", f"job/{job['id']}", '{"state": "Closed"}').json()
    assert (closed["state"], closed["numberBatchesCompleted"], closed["numberRecordsFailed"]) == ("Closed", 1, 1)
    sent = classic.ask("GET", f"job/{job['id']}/batch/{batch['id']}/request")
    assert sent.json() == [{"LastName": "A", "Company": "B"}, {}]


def test_a_tap_reads_csv(classic, wire):
    key = wire.lead(LastName="Doe", Seen__c="2026-01-02T03:04:05Z")
    text = "SELECT Id, Seen__c, Email, Owner.Name FROM Lead"
    job, batch, info = classic.run(text, operation="queryAll")
    assert (info["state"], info["numberRecordsProcessed"]) == ("Completed", "1")
    results = ET.fromstring(classic.ask("GET", f"job/{job}/batch/{batch}/result").text)
    assert results.tag == f"{SPACE}result-list"
    (result,) = [child.text for child in results]
    reply = classic.ask("GET", f"job/{job}/batch/{batch}/result/{result}")
    assert reply.headers["content-type"].startswith("text/csv")
    assert reply.text.splitlines() == [
        '"Id","Seen__c","Email","Owner.Name"', f'"{key}","2026-01-02T03:04:05.000Z","","Crosswalk Integration"',
    ]  # fmt: skip
    assert classic.ask("GET", f"job/{job}/batch/{batch}/result/752x").status_code == 400
    job, batch, _ = classic.run("SELECT Id FROM Lead WHERE LastName = 'x'", operation="query")
    result = ET.fromstring(classic.ask("GET", f"job/{job}/batch/{batch}/result").text)[0].text
    assert classic.ask("GET", f"job/{job}/batch/{batch}/result/{result}").text == "Records not found for this query"


def test_csv_is_written_in_order(classic):
    job, batch, info = classic.run('LastName,Company\n"A, B",Acme\n,Acme\n')
    assert (info["state"], info["numberRecordsFailed"]) == ("Completed", "1")
    first, second = classic.rows(job, batch)
    assert (first["Success"], first["Created"], first["Error"]) == ("true", "true", "") and first["Id"].startswith(
        "00Q"
    )
    assert (second["Id"], second["Success"]) == ("", "false")
    assert second["Error"].startswith("REQUIRED_FIELD_MISSING:")


def test_xml_jobs(classic, wire):
    made = f'<jobInfo xmlns="{SPACE[1:-1]}"><operation>insert</operation><object>Lead</object></jobInfo>'
    job = classic.ask("POST", "job", made, XML)
    info = told(job)
    assert job.status_code == 201 and job.headers["content-type"].startswith("application/xml")
    assert (info["state"], info["contentType"]) == ("Open", "XML") and info["createdDate"].endswith(".000Z")
    data = (
        f'<sObjects xmlns="{SPACE[1:-1]}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><sObject>'
        "<LastName>A &amp; B</LastName><Company>C</Company>"
        "<Score__c>2.5</Score__c><Consent__c>true</Consent__c><Email xsi:nil='true'/>"
        "<Owner><sObject><Username>integration@crosswalk.example.org</Username></sObject></Owner></sObject>"
        "<sObject><LastName>D</LastName></sObject></sObjects>"
    )
    batch = classic.add(info["id"], data, XML)
    assert classic.wait(info["id"], batch)["state"] == "Completed"
    results = ET.fromstring(classic.ask("GET", f"job/{info['id']}/batch/{batch}/result").text)
    good, bad = [{child.tag.removeprefix(SPACE): child for child in result} for result in results]
    assert good["success"].text == "true" and bad["success"].text == "false"
    assert bad["errors"].findtext(f"{SPACE}statusCode") == "REQUIRED_FIELD_MISSING"
    lead = wire.read(good["id"].text)
    assert (lead["LastName"], lead["Score__c"], lead["Consent__c"]) == ("A & B", 2.5, True)
    closed = classic.ask("POST", f"job/{info['id']}", "<jobInfo><state>Closed</state></jobInfo>", XML)
    assert told(closed)["state"] == "Closed"
    job, batch, _ = classic.run("SELECT LastName, Email FROM Lead", operation="query", content_type="XML")
    result = ET.fromstring(classic.ask("GET", f"job/{job}/batch/{batch}/result").text)[0].text
    found = ET.fromstring(classic.ask("GET", f"job/{job}/batch/{batch}/result/{result}").text)
    assert [(child.tag.removeprefix(SPACE), child.text) for child in found[0]] == [
        ("type", "Lead"), ("LastName", "A & B"), ("Email", None),
    ]  # fmt: skip


def test_chunks_of_a_query(classic, wire):
    wire.org.load({"Lead": [{"LastName": f"L{n}", "Company": "A"} for n in range(25)]})
    header = {"Sforce-Enable-PKChunking": "chunkSize=10"}
    job, _, info = classic.run("SELECT LastName FROM Lead", operation="query", **header)
    assert info["state"] == "NotProcessed"
    found = ET.fromstring(classic.ask("GET", f"job/{job}/batch").text)
    states = [child.findtext(f"{SPACE}state") for child in found]
    assert states == ["NotProcessed", "Completed", "Completed", "Completed"]
    assert [child.findtext(f"{SPACE}numberRecordsProcessed") for child in found] == ["0", "10", "10", "5"]
    listed = wire.ask("GET", "jobs/query?isPkChunkingEnabled=true&jobType=Classic").json()["records"]
    assert [(one["id"], one["jobType"]) for one in listed] == [(job, "Classic")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("SELECT Nope FROM Lead", "InvalidBatch : Failed to process query: INVALID_FIELD: "),
        ("SELECT Id FORM Lead", "InvalidBatch : Failed to process query: MALFORMED_QUERY: "),
        ("SELECT Id, (SELECT Id FROM Tasks) FROM Lead", "FeatureNotEnabled : Aggregate Relationships not supported"),
        ("SELECT COUNT() FROM Lead", "FeatureNotEnabled : "),
    ],
)
def test_failed_queries(classic, data, message):
    job, batch, info = classic.run(data, operation="query")
    assert info["state"] == "Failed" and info["stateMessage"].startswith(message)
    assert classic.ask("GET", f"job/{job}/batch/{batch}/result").status_code == 400


@pytest.mark.parametrize(
    ("content_type", "data"),
    [("CSV", "LastName,Nope\nA,B\n"), ("CSV", ""), ("CSV", "LastName,Company\n" + "A,B\n" * 10_001), ("JSON", "{}"),
     ("JSON", "["), ("XML", "<sObjects>"), ("XML", '<!DOCTYPE x [<!ENTITY a "b">]><sObjects/>')],
)  # fmt: skip
def test_failed_batches(classic, content_type, data):
    _, _, info = classic.run(data, content_type=content_type)
    assert info["state"] == "Failed" and info["stateMessage"].startswith("InvalidBatch : ")


def test_refusals(classic, wire):
    def error(reply):
        assert reply.status_code == 400
        return reply.json()["exceptionCode"] if reply.text.startswith("{") else told(reply)["exceptionCode"]

    for body in ('{"operation": "replace", "object": "Lead"}', '{"operation": "insert", "object": "Leed"}', "{",
                 '{"operation": "upsert", "object": "Lead"}',
                 '{"operation": "insert", "object": "Lead", "contentType": "ZIP_CSV"}'):  # fmt: skip
        assert error(classic.ask("POST", "job", body)) == "InvalidJob"
    assert error(classic.ask("POST", "job", "<jobInfo", XML)) == "InvalidJob"
    assert error(classic.ask("POST", "job", '{"operation": "hardDelete", "object": "Lead"}')) == "FeatureNotEnabled"
    assert error(classic.ask("GET", "job/750x", **{"X-SFDC-Session": "stale"})) == "InvalidSessionId"
    assert error(classic.ask("GET", "job/750x")) == "InvalidJob"
    url = f"{wire.url}/services/async/20.0/job/750x"
    assert error(wire.session.get(url, headers={"X-SFDC-Session": wire.token}, timeout=5)) == "InvalidVersion"
    job = classic.create()
    assert error(classic.ask("GET", f"job/{job}/batch/751x")) == "InvalidBatch"
    assert error(classic.ask("POST", f"job/{job}", '{"state": "Open"}')) == "InvalidJobState"
    classic.ask("POST", f"job/{job}", '{"state": "Closed"}')
    assert error(classic.ask("POST", f"job/{job}/batch", "LastName,Company\nA,B\n", CSV)) == "InvalidJobState"


def test_aborting_leaves_waiting_batches_alone(classic, wire):
    wire.org.bulk_delay = 5
    job = classic.create()
    batch = classic.add(job, "LastName,Company\nA,B\n")
    assert classic.ask("POST", f"job/{job}", '{"state": "Aborted"}').json()["state"] == "Aborted"
    assert classic.wait(job, batch)["state"] == "NotProcessed"
    assert wire.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_a_bearer_token_will_do(classic, wire):
    job = classic.create()
    reply = wire.ask("GET", f"/services/async/66.0/job/{job}")
    assert reply.status_code == 200 and told(reply)["id"] == job


def test_a_restored_batch_goes_on_where_it_was():
    async def story():
        org = Org()
        org.bulk_delay = 0
        job = Classic("750x", "insert", "Lead", "66.0", org.stamp(), org.user_id, content_type="CSV")
        org.jobs[job.key] = job
        batch = job.add(org, ("LastName,Company\n" + "".join(f"L{n},A\n" for n in range(1000))).encode())
        bulk_jobs.start(org, job)
        for _ in range(100):
            if len(batch.verdicts) >= 400:
                break
            await asyncio.sleep(0)
        taken = pickle.dumps((org.jobs, set(org.tables["Lead"].rows)))
        await job.task
        org.jobs, rows = pickle.loads(taken)
        for key in set(org.tables["Lead"].rows) - rows:
            org.tables["Lead"].drop(key)
        assert 0 < len(rows) < 1000
        bulk_jobs.resume(org)
        await org.jobs["750x"].task
        names = {record["LastName"] for record in org.tables["Lead"].rows.values()}
        assert len(names) == len(org.tables["Lead"].rows) == 1000
        (restored,) = org.jobs["750x"].batches.values()
        assert restored.state == "Completed" and len(restored.verdicts) == 1000

    asyncio.run(story())

"""The official Python client works against the org as it is; only its requests session is ours."""

from __future__ import annotations

import pytest
from simple_salesforce import exceptions


def test_query_and_query_more(official, wire):
    wire.org.load({"Lead": [{"LastName": f"L{n}", "Company": "Acme"} for n in range(2100)]})
    page = official.query("SELECT Id, Owner.Name FROM Lead")
    assert page["totalSize"] == 2100 and not page["done"]
    rest = official.query_more(page["nextRecordsUrl"], identifier_is_url=True)
    assert rest["done"] and len(rest["records"]) == 100
    assert len(official.query_all("SELECT Id FROM Lead")["records"]) == 2100
    assert official.api_usage["api-usage"].total == wire.org.api_limit


def test_describe(official):
    assert {"Lead", "Task"} <= {s["name"] for s in official.describe()["sobjects"]}
    assert official.Lead.describe()["keyPrefix"] == "00Q"


def test_records(official):
    key = official.Lead.create({"LastName": "Doe", "Company": "Acme"})["id"]
    assert official.Lead.get(key)["Name"] == "Doe"
    assert official.Lead.update(key, {"Title": "Nurse"}, headers={"Sforce-Auto-Assign": "FALSE"}) == 204
    assert official.Lead.upsert("Crosswalk_Id__c/k1", {"LastName": "Poe", "Company": "Acme"}) == 201
    assert official.Lead.upsert("Crosswalk_Id__c/k1", {"LastName": "Poe"}) == 200
    assert official.Lead.get_by_custom_id("Crosswalk_Id__c", "k1")["LastName"] == "Poe"
    assert official.Lead.delete(key) == 204


def test_errors_become_its_exceptions(official):
    with pytest.raises(exceptions.SalesforceMalformedRequest) as refused:
        official.Lead.create({"LastName": "Doe"})
    assert refused.value.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    with pytest.raises(exceptions.SalesforceResourceNotFound):
        official.Lead.get("00QgK0000zzzzzz")


def test_collections_through_restful(official):
    records = [{"attributes": {"type": "Lead"}, "Crosswalk_Id__c": f"k{n}", "LastName": "A", "Company": "B"}
               for n in range(3)]  # fmt: skip
    rows = official.restful("composite/sobjects/Lead/Crosswalk_Id__c", method="PATCH", json={"records": records})
    assert [row["created"] for row in rows] == [True, True, True]


def test_tooling(official):
    definition = {"FullName": "Lead.New__c", "Metadata": {"type": "Text", "label": "New", "length": 10}}
    assert official.toolingexecute("sobjects/CustomField", method="POST", data=definition)["success"]


def test_an_expired_session_is_renewed(official, wire):
    wire.org.expire_tokens()
    assert official.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_bulk_ingest(official):
    """Through the client's job resource: its own polling driver waits five seconds between looks."""
    job = official.bulk2.Lead._client
    created = job.create_job("insert")
    job.upload_job_data(created["id"], "LastName,Company\nDoe,Acme\n")
    job.close_job(created["id"])
    assert job.wait_for_job(created["id"], is_query=False, wait=0.05) == "JobComplete"
    assert "Doe" in job.get_ingest_results(created["id"], "successfulResults")

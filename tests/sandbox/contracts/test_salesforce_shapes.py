"""Salesforce's replies, key by key.

There is no official OpenAPI description; the key sets are those of recorded traffic [REC: a data-sync product's and a
build tool's public test suites, 2021 to 2025] and of the REST and Bulk guides [DOC]. Facts only, no text of theirs.
"""

from __future__ import annotations

import re

from tests.sandbox.contracts.conftest import Session

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")

# [REC] every object of a global describe; a describe of one object has them too.
OBJECT = set(
    """
    activateable associateEntityType associateParentEntity createable custom customSetting deepCloneable deletable
    deprecatedAndHidden feedEnabled hasSubtypes isInterface isSubtype keyPrefix label labelPlural layoutable mergeable
    mruEnabled name queryable replicateable retrieveable searchable triggerable undeletable updateable urls
    """.split()
)
# [REC] what a describe of one object has besides.
DESCRIBE = OBJECT | set(
    """
    actionOverrides childRelationships compactLayoutable defaultImplementation extendedBy extendsInterfaces fields
    implementedBy implementsInterfaces listviewable lookupLayoutable namedLayoutInfos networkScopeFieldName
    recordTypeInfos searchLayoutable sobjectDescribeOption supportedScopes
    """.split()
)
# One field of it [REC].
FIELD = set(
    """
    aggregatable aiPredictionField autoNumber byteLength calculated calculatedFormula cascadeDelete caseSensitive
    compoundFieldName controllerName createable custom defaultValue defaultValueFormula defaultedOnCreate
    dependentPicklist deprecatedAndHidden digits displayLocationInDecimal encrypted externalId extraTypeInfo filterable
    filteredLookupInfo formulaTreatNullNumberAsZero groupable highScaleNumber htmlFormatted idLookup inlineHelpText
    label length mask maskType name nameField namePointing nillable permissionable picklistValues
    polymorphicForeignKey precision queryByDistance referenceTargetField referenceTo relationshipName
    relationshipOrder restrictedDelete restrictedPicklist scale searchPrefilterable soapType sortable type unique
    updateable writeRequiresMasterRead
    """.split()
)
CHILD = set(
    "cascadeDelete childSObject deprecatedAndHidden field junctionIdListNames junctionReferenceTo relationshipName"
    " restrictedDelete".split()
)
RECORD_TYPE = set("active available defaultRecordTypeMapping developerName master name recordTypeId urls".split())
# [DOC] Bulk API 2.0
INGEST_JOB = set(
    "id operation object createdById createdDate systemModstamp state concurrencyMode contentType apiVersion"
    " contentUrl lineEnding columnDelimiter".split()
)
INGEST_DONE = (INGEST_JOB - {"contentUrl"}) | set(
    "jobType retries totalProcessingTime apiActiveProcessingTime apexProcessingTime numberRecordsProcessed"
    " numberRecordsFailed".split()
)
QUERY_JOB = set(
    "id operation object createdById createdDate systemModstamp state concurrencyMode contentType apiVersion"
    " lineEnding columnDelimiter".split()
)


def test_global_describe(org: Session) -> None:
    body = org.ask("GET", "sobjects").json()
    assert body.keys() == {"encoding", "maxBatchSize", "sobjects"}
    assert (body["encoding"], body["maxBatchSize"]) == ("UTF-8", 200)
    assert all(one.keys() == OBJECT for one in body["sobjects"])
    assert all({"sobject", "describe", "rowTemplate"} <= one["urls"].keys() for one in body["sobjects"])


def test_describe(org: Session) -> None:
    for kind in ("Lead", "Contact", "Opportunity", "Event"):
        body = org.ask("GET", f"sobjects/{kind}/describe").json()
        assert body.keys() == DESCRIBE
        assert all(field.keys() == FIELD for field in body["fields"])
        assert all(child.keys() == CHILD for child in body["childRelationships"])
        [master] = body["recordTypeInfos"]
        assert master.keys() == RECORD_TYPE
        assert (master["developerName"], master["recordTypeId"]) == ("Master", "012000000000000AAA")
        values = [value for field in body["fields"] for value in field["picklistValues"]]
        assert all(value.keys() == {"active", "defaultValue", "label", "validFor", "value"} for value in values)


def test_who_may_own_what(org: Session) -> None:
    """[REC] Leads may be a queue's, accounts, contacts and opportunities never."""
    owners = {}
    for kind in ("Lead", "Account", "Contact", "Opportunity"):
        fields = org.ask("GET", f"sobjects/{kind}/describe").json()["fields"]
        [owner] = [field for field in fields if field["name"] == "OwnerId"]
        owners[kind] = owner["referenceTo"]
        assert owner["namePointing"] is owner["polymorphicForeignKey"] is (len(owner["referenceTo"]) > 1)
    assert owners == {"Lead": ["Group", "User"], "Account": ["User"], "Contact": ["User"], "Opportunity": ["User"]}


def test_limits(org: Session) -> None:
    body = org.ask("GET", "limits").json()
    assert {"DailyApiRequests", "DailyBulkApiBatches", "DailyBulkV2QueryJobs"} <= body.keys()
    assert all({"Max", "Remaining"} <= one.keys() for one in body.values())


def test_every_data_reply_says_how_much_was_used(org: Session) -> None:
    """[REC] On 839 recorded replies, 404 among them; 401 is not one of them."""
    paths = ("limits", "sobjects", "sobjects/Lead/00Q000000000000AAA", "query?q=SELECT+Id+FROM+Lead+LIMIT+1")
    used = []
    for path in paths:
        found = re.fullmatch(r"api-usage=(\d+)/(\d+)", org.ask("GET", path).headers["Sforce-Limit-Info"])
        assert found
        used.append(int(found[1]))
    assert used == [used[0] + n for n in range(len(paths))]


def test_a_missing_record(org: Session) -> None:
    """[REC]"""
    answer = org.ask("GET", "sobjects/Lead/00Q000000000000AAA")
    assert answer.status_code == 404
    assert answer.json() == [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]


def test_a_create_and_a_read(org: Session) -> None:
    answer = org.ask("POST", "sobjects/Campaign", {"Name": "(test) High Value"})
    assert answer.status_code == 201
    body = answer.json()
    assert body == {"id": body["id"], "success": True, "errors": []}
    address = f"/services/data/v{org.version}/sobjects/Campaign/{body['id']}"
    assert answer.headers["Location"] == address
    read = org.ask("GET", f"sobjects/Campaign/{body['id']}").json()
    assert read["attributes"] == {"type": "Campaign", "url": address}
    assert MOMENT.fullmatch(read["CreatedDate"])
    assert read["Description"] is None  # every field is there, empty ones as null
    changed = org.ask("PATCH", f"sobjects/Campaign/{body['id']}", {"Description": "x"})
    assert (changed.status_code, changed.content) == (204, b"")
    gone = org.ask("DELETE", f"sobjects/Campaign/{body['id']}")
    assert (gone.status_code, gone.content) == (204, b"")


def test_rows_of_a_collection(org: Session) -> None:
    """[REC] A row that failed has no id, and its errors are spelled otherwise than those of a whole call."""
    account = {"attributes": {"type": "Account"}}
    rows = [{**account, "Name": "Good"}, {**account, "AccountNumber": "none", "Name": None}]
    answer = org.ask("POST", "composite/sobjects", {"allOrNone": False, "records": rows})
    good, bad = answer.json()
    assert answer.status_code == 200
    assert good == {"id": good["id"], "success": True, "errors": []}
    error = {"statusCode": "REQUIRED_FIELD_MISSING", "message": "Required fields are missing: [Name]"}
    assert bad == {"success": False, "errors": [{**error, "fields": ["Name"]}]}
    upserts = {"allOrNone": False, "records": [{**account, "Id": None, "Name": "New"}]}
    [made] = org.ask("PATCH", "composite/sobjects/Account/Id", upserts).json()
    assert made == {"id": made["id"], "success": True, "errors": [], "created": True}


def test_a_bad_email_in_one_row(org: Session) -> None:
    """[REC] The label, not the name, begins the message."""
    key = org.made("Contact", LastName="Simpson")
    row = {"attributes": {"type": "Contact"}, "id": key, "Email": "badone"}
    [bad] = org.ask("PATCH", "composite/sobjects", {"allOrNone": False, "records": [row]}).json()
    error = {"statusCode": "INVALID_EMAIL_ADDRESS", "message": "Email: invalid email address: badone"}
    assert bad == {"success": False, "errors": [{**error, "fields": ["Email"]}]}


def test_a_query(org: Session) -> None:
    empty = org.query("SELECT Id FROM Lead WHERE Email = 'nobody@example.org'").json()
    assert empty == {"totalSize": 0, "done": True, "records": []}
    page = org.ask(
        "GET",
        "query",
        params={"q": "SELECT Id, Owner.Name FROM Account"},
        headers={"Sforce-Query-Options": "batchSize=200"},
    )
    body = page.json()
    assert body.keys() <= {"totalSize", "done", "records", "nextRecordsUrl"}
    assert body["done"] is ("nextRecordsUrl" not in body)
    first = body["records"][0]
    assert first.keys() == {"attributes", "Id", "Owner"}
    assert first["Owner"].keys() == {"attributes", "Name"}
    assert first["attributes"].keys() == {"type", "url"}
    counted = org.query("SELECT COUNT() FROM Lead").json()
    assert counted.keys() == {"totalSize", "done", "records"}
    assert counted["records"] == []


def test_a_query_of_what_is_not_there(org: Session) -> None:
    """[REC] Where in the text it went wrong, counted from one."""
    [error] = org.query("select count() from XYZZY").json()
    assert error["errorCode"] == "INVALID_TYPE"
    assert "ERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported." in error["message"]


def test_composite(org: Session) -> None:
    asked = [
        {"method": "GET", "url": f"/services/data/v{org.version}/sobjects/Lead/00Q000000000000AAA", "referenceId": "no"}
    ]
    body = org.ask("POST", "composite", {"compositeRequest": asked}).json()
    not_found = {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}
    assert body == {
        "compositeResponse": [{"body": [not_found], "httpHeaders": {}, "httpStatusCode": 404, "referenceId": "no"}]
    }


def test_an_ingest_job(org: Session) -> None:
    job = org.ask("POST", "jobs/ingest", {"object": "Account", "operation": "insert", "lineEnding": "LF"})
    body = job.json()
    assert job.status_code == 200
    assert body.keys() == INGEST_JOB
    assert body["state"] == "Open"
    assert body["contentUrl"] == f"services/data/v{org.version}/jobs/ingest/{body['id']}/batches"
    assert MOMENT.fullmatch(body["createdDate"])
    url = f"{org.url}/{body['contentUrl']}"
    headers = {"Authorization": f"Bearer {org.token['access_token']}", "Content-Type": "text/csv"}
    assert org.sandbox.session.put(url, data="Name\nFrom bulk\n", headers=headers, timeout=30).status_code == 201
    closed = org.ask("PATCH", f"jobs/ingest/{body['id']}", {"state": "UploadComplete"}).json()
    assert closed["state"] == "UploadComplete"
    for _ in range(100):
        done = org.ask("GET", f"jobs/ingest/{body['id']}").json()
        if done["state"] == "JobComplete":
            break
    assert done.keys() == INGEST_DONE
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (1, 0)
    results = org.ask("GET", f"jobs/ingest/{body['id']}/successfulResults").text
    assert results.splitlines()[0].replace('"', "") == "sf__Id,sf__Created,Name"
    failed = org.ask("GET", f"jobs/ingest/{body['id']}/failedResults").text
    assert failed.splitlines()[0].replace('"', "") == "sf__Id,sf__Error,Name"


def test_a_query_job(org: Session) -> None:
    job = org.ask("POST", "jobs/query", {"operation": "query", "query": "SELECT Id, Name FROM User"})
    body = job.json()
    assert job.status_code == 200
    assert body.keys() == QUERY_JOB
    for _ in range(100):
        if org.ask("GET", f"jobs/query/{body['id']}").json()["state"] == "JobComplete":
            break
    results = org.ask("GET", f"jobs/query/{body['id']}/results")
    rows = results.text.splitlines()
    assert rows[0].replace('"', "") == "Id,Name"
    assert results.headers["Sforce-Locator"] == "null"
    assert int(results.headers["Sforce-NumberOfRecords"]) == len(rows) - 1


def test_the_token_reply(org: Session) -> None:
    assert {"access_token", "instance_url", "id", "token_type", "issued_at", "signature"} <= org.token.keys()
    assert org.token["token_type"] == "Bearer"
    assert org.token["issued_at"].isdigit()


def test_versions(org: Session) -> None:
    versions = org.sandbox.session.get(f"{org.url}/services/data", timeout=30).json()
    assert all(one.keys() == {"label", "url", "version"} for one in versions)
    assert {"58.0", "62.0"} <= {one["version"] for one in versions}

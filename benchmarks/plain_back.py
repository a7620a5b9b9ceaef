"""The plain script's way back: what sales did to a Lead becomes the lead status of its contact in HubSpot.

`python -m benchmarks.plain_back SINCE`: Leads that were changed since that instant (ISO 8601), read by SOQL and written
in batches of 100, with the official clients. No checks, no state, no reasons, no segments.
"""

import itertools
import json
import sys
import time

from hubspot.crm.contacts import (  # type: ignore[import-untyped]  # the vendor ships no types
    BatchInputSimplePublicObjectBatchInput,
    SimplePublicObjectBatchInput,
)

from benchmarks.official import hubspot, salesforce

STATUS = {
    "Open - Not Contacted": "OPEN",
    "Working - Contacted": "IN_PROGRESS",
    "Closed - Converted": "CONNECTED",
    "Closed - Not Converted": "UNQUALIFIED",
}
QUERY = "SELECT Crosswalk_Id__c, Status FROM Lead WHERE Crosswalk_Id__c != null AND SystemModstamp > {since}"


def main() -> None:
    """Read, translate, write; print what was done and how long each part took."""
    begun = time.monotonic()
    with salesforce() as crm:
        leads = list(crm.query_all_iter(QUERY.format(since=sys.argv[1])))
    has_read = time.monotonic()
    api = hubspot().crm.contacts.batch_api
    written = 0
    inputs = (
        SimplePublicObjectBatchInput(
            id=lead["Crosswalk_Id__c"], properties={"hs_lead_status": STATUS.get(lead["Status"], "OPEN")}
        )
        for lead in leads
    )
    while batch := list(itertools.islice(inputs, 100)):
        written += len(api.update(BatchInputSimplePublicObjectBatchInput(inputs=batch)).results)
    ended = time.monotonic()
    told = {
        "read": len(leads),
        "written": written,
        "failed": len(leads) - written,
        "seconds": round(ended - begun, 3),
        "timings": {"read": has_read - begun, "write": ended - has_read},
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()

"""The launch's materials with their approvals, as records of a custom object in the CRM."""

from __future__ import annotations

from datetime import datetime

from sandbox.scenarios.model import Record
from sandbox.scenarios.salesforce_ids import stamp

ASSETS = "Asset_Version__c"


def _versions(data: list[dict[str, str]]) -> list[dict[str, str]]:
    """Every version with its id; ids are counted up, a superseded version keeps that of its successor."""
    made: list[dict[str, str]] = []
    number = 0
    for group in data:
        for _ in range(int(group["count"])):
            number += "id" not in group
            made.append({**group, "id": group.get("id", f"ZEL-{number:03d}"), "version": group.get("version", "1")})
    older = {row["id"]: row["version"] for row in made if row["status"] == "superseded"}
    return [
        {**row, "version": str(int(older[row["id"]]) + 1)}
        if row["id"] in older and row["status"] != "superseded"
        else row
        for row in made
    ]


def asset_records(data: list[dict[str, str]], owner: str) -> list[Record]:
    """Every version as a record of the custom object."""
    records: list[Record] = []
    for row in _versions(data):
        changed = row.get("withdrawn") or row.get("superseded")
        records.append({
            "Name": f"{row['id']} v{row['version']}",
            "Asset__c": row["id"],
            "Version__c": row["version"],
            "Status__c": row["status"],
            "Regions__c": row["regions"],
            "Expires_On__c": row.get("expires"),
            "Changed_At__c": stamp(datetime.fromisoformat(changed)) if changed else None,
            "Note__c": row.get("note"),
            "OwnerId": owner,
        })  # fmt: skip
    return records

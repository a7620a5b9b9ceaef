"""What an org holds, for tests and people: counts, records, settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.schema import Record

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp", "CompletedDateTime")


def inspect(org: Org, records: Iterable[str] = ()) -> dict[str, Any]:
    """Counts of live and deleted records by object; the records themselves of the objects asked for."""
    counts, deleted = {}, {}
    for name, table in org.tables.items():
        gone = sum(1 for r in table.rows.values() if r.get("IsDeleted"))
        counts[name] = len(table.rows) - gone
        if gone:
            deleted[name] = gone
    return {
        "counts": counts,
        "deleted": deleted,
        "custom_fields": sorted(r["FullName"] for r in org.tables["CustomField"].rows.values()),
        "custom_objects": sorted(name for name, kind in org.objects.items() if kind.custom),
        "user_id": org.user_id,
        "assignment_rule": org.assignment_rule,
        "duplicate_rules": {name: rule.action for name, rule in sorted(org.duplicate_rules.items())},
        "validation_rules": {name: len(rules) for name, rules in sorted(org.validation_rules.items())},
        "locks": org.locks.held(org.clock),
        "api_usage": org.api_usage,
        "jobs": {key: job.state for key, job in org.jobs.items()},
        "records": dump(org, records, stamps=True) if records else {},
    }


def dump(org: Org, objects: Iterable[str] = (), stamps: bool = False) -> dict[str, list[Record]]:
    """Records by object, sorted by Id; without times unless `stamps`, so that two runs can be compared."""
    left_out = () if stamps else _STAMPS
    wanted = [org.kind(name, tooling=True).name for name in objects] or list(org.tables)
    return {
        name: [
            {k: v for k, v in sorted(record.items()) if v is not None and k not in left_out}
            for _, record in sorted(org.tables[name].rows.items())
        ]
        for name in wanted
        if org.tables[name].rows or objects
    }

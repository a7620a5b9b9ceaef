"""Plan a batch about leads: look up what the target has, and compare; one look-up serves the whole batch."""

from collections.abc import Sequence

from crosswalk.domain.mapping import TargetMap
from crosswalk.domain.planning import Desired, Planned, Record, Skip, Update, overruled, plan
from crosswalk.ports import Lookup, Target

Overruled = tuple[str, str, str]
"""Record id, field, lead: where the target's own value stood against ours."""


def plan_asked(target: Target, mapping: TargetMap, wanted: Sequence[Desired]) -> tuple[list[Planned], list[Overruled]]:
    """Return the plan of what is wanted, and where the target keeps its own value against a new one of ours."""
    if not wanted:
        return [], []
    match: dict[str, list[str]] = {}
    for one in wanted:
        for name, value in one.match.items():
            match.setdefault(name, []).append(value)
    found = target.lookup(
        Lookup(
            object=mapping.object,
            fields=list(mapping.fields),
            external_ids=[one.external_id for one in wanted],
            record_ids=[one.record_id for one in wanted if one.record_id],
            match=match,
        )
    )
    by_external: dict[str, list[Record]] = {}
    by_record: dict[str, list[Record]] = {}
    by_match: dict[tuple[str, str], list[Record]] = {}
    for record in found:
        by_record.setdefault(record.record_id, []).append(record)
        if record.external_id:
            by_external.setdefault(record.external_id, []).append(record)
        for name in match:
            by_match.setdefault((name, str(record.fields.get(name) or "").lower()), []).append(record)
    planned: list[Planned] = []
    kept: list[Overruled] = []
    taken: set[str] = set()  # a record belongs to one lead: the second lead of a person gets a record of its own
    for one in wanted:
        hits = list(by_external.get(one.external_id, ()))
        hits += by_record.get(one.record_id or "", ())
        for name, value in one.match.items():
            hits += by_match.get((name, value.lower()), ())
        free = {hit.record_id: hit for hit in hits if hit.record_id not in taken}
        planned.append(plan(one, list(free.values())))
        match planned[-1]:
            case Update(record_id=record_id):
                taken.add(record_id)
                kept += [(record_id, name, one.lead_id) for name in overruled(one, free[record_id])]
            case Skip(record_id=str(record_id), reason="UNCHANGED"):
                kept += [(record_id, name, one.lead_id) for name in overruled(one, free[record_id])]
    return planned, kept

"""The truth about a built month: which contact carries what, so that tests can reconcile a hub's verdicts."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sandbox.scenarios.lakeshore_contacts import ContactWriter
from sandbox.scenarios.lakeshore_crm import CrmWriter
from sandbox.scenarios.lakeshore_labels import AUDIENCES, LOCATIONS, PLANS_ACCEPTED, PLANS_REFUSED, SERVICE_LINES
from sandbox.scenarios.lakeshore_plan import (
    DUPLICATE_KINDS,
    EMAIL_KINDS,
    JUNK,
    MISFILED_KINDS,
    PHONE_KINDS,
    TEXT_KINDS,
    UTM_KINDS,
    Plan,
)  # fmt: skip
from sandbox.scenarios.staff import INTEGRATION_EMAIL

#: Which cases a stated rate counts; rates not named here are a case of the same name.
FAMILIES: dict[str, tuple[str, ...]] = {
    "duplicates": tuple(DUPLICATE_KINDS),
    "utm_defects": tuple(UTM_KINDS),
    "bad_email": tuple(EMAIL_KINDS),
    "bad_phone": tuple(PHONE_KINDS),
    "text": tuple(TEXT_KINDS),
    "junk": tuple(sorted(JUNK)),
    "misfiled": tuple(MISFILED_KINDS),
    "out_of_area": ("out_of_area", "D29"),
    "name_shape": ("name_caps", "name_last_first"),
    "phone_unticked": ("D36",),
    "emergency": ("D50",),
    "zip_unmatched": ("D31",),
    "foreign_postal": ("D32",),
}
_SAME_NAME = (
    "unknown_campaign", "alias_campaign", "ended_campaign", "opt_out", "consent_blank", "unknown_service",
    "payer_not_accepted", "telehealth_wa", "mojibake", "name_single",
)  # fmt: skip


def _labels() -> dict[str, dict[str, str]]:
    """Every known label and the canonical code meant by it, per field."""
    tables = {"service_line_interest": SERVICE_LINES, "audience_type": AUDIENCES, "preferred_location": LOCATIONS}
    labels = {
        field: {label: code for code, options in table.items() for label in options} for field, table in tables.items()
    }
    labels["insurance_plan"] = dict.fromkeys((*PLANS_ACCEPTED, "prairie blue"), "accepted")
    labels["insurance_plan"].update(dict.fromkeys(PLANS_REFUSED, "not_accepted"))
    return labels


def _cases(plan: Plan, writer: ContactWriter, crm: CrmWriter, ids: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for lane in (plan.case, plan.track, plan.name):
        for slot, label in enumerate(lane):
            if label:
                found.setdefault(label, []).append(ids[slot])
    real = [slot for slot in range(plan.total) if plan.case[slot] not in JUNK]
    found["D15"] = [ids[slot] for slot in crm.shouted]
    found["D48"] = [ids[s] for s in real if plan.case[s] == "telehealth_wa" and writer.lines[s] == "oncology"]
    found["D63"] = [ids[slot] for slot in real if writer.lines[slot] == "neurology"]
    return {label: sorted(found[label], key=int) for label in sorted(found)}


def truth_of(
    plan: Plan, writer: ContactWriter, crm: CrmWriter, rows: list[dict[str, str]], ids: list[str]
) -> dict[str, Any]:
    """Cases, counts, duplicates, CRM matches and canary strings, by hs_object_id."""
    cases = _cases(plan, writer, crm, ids)
    rates = {rate: sum(len(cases.get(case, ())) for case in family) for rate, family in FAMILIES.items()}
    rates.update({rate: len(cases.get(rate, ())) for rate in _SAME_NAME})
    rates["missing_contact"] = sum(1 for row in rows if "email" not in row or "phone" not in row)
    known = {
        name: sorted((ids[slot] for slot, label in enumerate(plan.crm) if label == f"crm_{name}"), key=int)
        for name in ("open_lead", "contact", "converted", "ambiguous")
    }
    rates.update({f"crm_{name}": len(found) for name, found in known.items()})
    duplicates = [
        {"original": ids[original], "duplicate": ids[slot], "kind": plan.case[slot]}
        for slot, original in plan.original_of.items()
    ]
    return {
        "contacts": plan.total,
        "people": plan.total - len(duplicates),
        "clean": sum(1 for case in plan.case if not case),
        "cases": cases,
        "rates": rates,
        "duplicates": sorted(duplicates, key=lambda pair: int(pair["duplicate"])),
        "crm": known,
        "canaries": {ids[slot]: writer.canaries[slot] for slot in sorted(writer.canaries, key=lambda s: int(ids[s]))},
        "methods": dict(sorted(Counter(plan.methods).items())),
        "audiences": dict(sorted(Counter(writer.audiences).items())),
        "service_lines": dict(sorted(Counter(line or "unknown" for line in writer.lines).items())),
        "labels": _labels(),
        "integration_user": next(user["Id"] for user in crm.records["User"] if user["Email"] == INTEGRATION_EMAIL),
    }

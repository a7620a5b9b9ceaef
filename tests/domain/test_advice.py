"""Whatever can wait says what frees it: no reason code without advice."""

import ast

import pytest

from crosswalk.domain.advice import ADVICE, BY_PLACE, advice
from crosswalk.domain.shaping import HOLDS
from crosswalk.pipeline.work import code_lists
from crosswalk.platform.catalog import Catalog
from crosswalk.platform.settings import CHECKOUT
from crosswalk.platform.suites import load_suites
from tests.architecture.tree import modules, name, parsed

pytestmark = pytest.mark.feature("NRM-04")

ENDS = {
    *("UNCHANGED", "MERGED", "GIVEN_BACK", "ALREADY_SENT", "ALREADY_QUEUED", "BELOW_THRESHOLD", "CRM_RECORD_CLOSED"),
    *("TEST_RECORD", "INTERNAL_RECORD", "SPAM", "VENDOR", "JOB_SEEKER", "STALE_EVENT", "NOT_OURS", "NOT_TOLD"),
}
"""Codes with which a unit is done; nobody has to do anything."""
NOTES = {
    *("URL_PII", "URL_INVALID", "URL_HEALTH_TERM", "PHONE_INVALID", "PHONE_NOT_PERSONAL", "EMAIL_INVALID"),
    *("EMAIL_TIDIED", "EMAIL_ROLE", "EMAIL_MULTIPLE", "ZIP_UNKNOWN", "ZIP_TRIMMED", "ZIP_PADDED", "ZIP_STATE_CONFLICT"),
    *(
        "STATE_UNKNOWN",
        "COUNTRY_INFERRED",
        "SPECIALTY_UNKNOWN",
        "SPECIALTY_CONFLICT",
        "NPI_INVALID",
        "NPI_EXCEL_DAMAGED",
    ),
    *("NAME_SPLIT", "NAME_SINGLE", "NAME_CASE", "MOJIBAKE_FIXED", "CREDENTIALS_SPLIT", "TEXT_IDENTIFIERS"),
    *("CAMPAIGN_UNKNOWN", "CAMPAIGN_NOT_LIVE", "CAMPAIGN_ENDED", "CAMPAIGN_ALIAS"),
    *("NO_RULE", "TERRITORY_UNMATCHED", "NO_CAPACITY_URGENT", "MORE_LOADED", "ON_LEAVE", "OFF_HOURS", "INACTIVE"),
    *("OTHER_TERRITORY", "OTHER_SERVICE_LINE", "OTHER_PROGRAM", "DAILY_CAP", "OPEN_CAP"),
}
"""Codes that say something of a unit which goes on."""
ERRORS = {
    "SOURCE_SCHEMA_DRIFT",
    "HISTORY_BROKEN",
    "NO_STREAM",
    "HUB_BUSY",
    "UNIT_MISSING",
    "GATE_BROKEN",
    "NO_SUCH_LEAD",
}
"""Codes of errors: the run says them and stops."""
TELL = ("advice.py", "code_words.py", "plain_words.py", "next_steps.py")
"""Modules that only speak of codes."""


def codes_of(path) -> set[str]:
    """Words in capitals with an underscore in a module: what a code looks like."""
    texts = (node.value for node in ast.walk(parsed(path)) if isinstance(node, ast.Constant))
    return {one for one in texts if isinstance(one, str) and "_" in one and one.isupper() and one.isidentifier()}


def test_every_code_of_ours_has_advice_or_needs_none() -> None:
    known = set(ADVICE) | ENDS | NOTES | ERRORS
    found = {
        f"{name(path)}: {code}"
        for path in modules("crosswalk")
        if path.parent.name in ("domain", "pipeline") and path.name not in TELL
        for code in codes_of(path) - known
        if not code.startswith(("UTM_", "CROSSWALK_"))
    }
    assert sorted(found) == []


def test_every_code_of_the_files_that_can_hold_something_has_advice(catalog: Catalog) -> None:
    held = {kind.reason for kind in catalog.lexicon.kinds.values() if kind.action == "hold"}
    held |= {gate.reason for gate in catalog.qualification.gates if gate.otherwise == "hold"}
    held |= set(HOLDS)
    suites = load_suites(CHECKOUT / "expectations", code_lists(catalog))
    held |= {one.reason for suite in suites.values() for one in suite.expectations if one.severity == "hold"}
    assert sorted(held - set(ADVICE)) == []


def test_advice_is_a_sentence_without_gaps() -> None:
    for code in (*ADVICE, "STRING_TOO_LONG", "UNKNOWN_LABEL(crm_status)"):
        for place in BY_PLACE:
            said = advice(place, code, resume_on="2026-12-01", target="salesforce")
            assert said and "{" not in said and "None" not in said
    assert "--reason STRING_TOO_LONG" not in advice("outbox", "STRING_TOO_LONG")
    assert advice("quarantine", "UNKNOWN_LABEL(crm_status)") == advice("lead", "UNKNOWN_LABEL(crm_status)")

"""A row that was mended or let pass ends as if it had come so; what was said since stands against it."""

import json
from typing import Any

import polars as pl
import pytest

from crosswalk.pipeline.replay import PICKED, rounds
from crosswalk.store import quarantine
from tests.pipeline.conftest import Pipeline
from tests.vendors import Vendors

pytestmark = pytest.mark.feature("NRM-04")
WHY = ("--why", "a person has looked")


def quarantined(pipeline: Pipeline) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pipeline.home.do("quarantine", "list")
    return found


def end_state(pipeline: Pipeline) -> dict[str, list[dict[str, Any]]]:
    """What runs have come to, without who did it when. A payload's and all ids from it are of one world only."""
    tables = ("lead", "person", "person_key", "decision", "history", "assignment", "outbox")
    found = {name: pipeline.home.rows(name) for name in tables}
    own = {row[name]: name for row in found["lead"] for name in ("lead_id", "payload_id")}
    own |= {row["external_id"]: row["object"] for row in found["outbox"]}
    for row in found["outbox"]:
        for name in ("record_id", "desired_hash", "sent_hash"):
            row.pop(name)
    text = json.dumps(found, default=str)
    for value, name in own.items():
        text = text.replace(value, name)
    told: dict[str, list[dict[str, Any]]] = json.loads(text)
    return told


def test_an_edited_and_released_row_ends_as_a_clean_one(vendors: Vendors, pipeline: Pipeline) -> None:
    good = vendors.inquiry()
    vendors.create([good])
    pipeline.sync()
    clean = end_state(pipeline)
    assert len(clean["lead"]) == 1 and len(clean["outbox"]) >= 2

    vendors.load()
    pipeline.start_anew()
    vendors.create([{**good, "email": "", "phone": ""}])
    pipeline.sync()
    assert end_state(pipeline)["lead"] == []
    [row] = quarantined(pipeline)
    mended = ("--set", f"email={good['email']}", "--set", f"phone={good['phone']}")
    assert pipeline.home.do("quarantine", "edit", str(row["id"]), *mended, *WHY)["changed"] == ["email", "phone"]
    pipeline.home.do("quarantine", "release", str(row["id"]), *WHY, "--yes")
    summary = pipeline.sync()
    assert end_state(pipeline) == clean
    steps = {one["step"]: one for one in summary.steps}
    assert steps["replay"]["in"] == 1 and steps["land"]["passed"] == 0
    assert summary.written["salesforce"]["Lead"]["created"] == 1
    assert [one["state"] for one in pipeline.home.rows("quarantine")] == ["replayed"]
    assert pipeline.sync().written == {} and end_state(pipeline) == clean


def test_the_vendors_unchanged_row_does_not_come_back_over_an_edit_and_its_next_one_does(
    vendors: Vendors, pipeline: Pipeline
) -> None:
    [contact] = vendors.create([vendors.inquiry(email="", phone="")])
    pipeline.sync()
    [row] = quarantined(pipeline)
    pipeline.home.do("quarantine", "edit", str(row["id"]), "--set", "email=mended@inbox.example.org", *WHY)
    vendors.change(contact, hs_lead_status="OPEN")
    pipeline.sync()
    assert [one["id"] for one in quarantined(pipeline)] == [row["id"]], "nothing that we read has changed"
    vendors.change(contact, email="own@inbox.example.org")
    assert pipeline.sync().written["salesforce"]["Lead"]["created"] == 1
    assert quarantined(pipeline) == []
    assert [one["email"] for one in pipeline.home.rows("person")] == ["own@inbox.example.org"]


def test_a_released_row_that_the_vendor_has_changed_meanwhile_is_superseded_in_order(
    vendors: Vendors, pipeline: Pipeline
) -> None:
    """What is stored is replayed first; what the vendor says now is newer and stands."""
    [contact] = vendors.create([vendors.inquiry(email="", phone="")])
    pipeline.sync()
    [row] = quarantined(pipeline)
    pipeline.home.do("quarantine", "edit", str(row["id"]), "--set", "email=guess@inbox.example.org", *WHY)
    pipeline.home.do("quarantine", "release", str(row["id"]), *WHY, "--yes")
    vendors.change(contact, email="own@inbox.example.org")
    summary = pipeline.sync()
    assert {one["step"]: one["in"] for one in summary.steps if one["step"] in ("land", "replay")} == {
        "land": 1,
        "replay": 1,
    }
    assert [one["email"] for one in pipeline.home.rows("person")] == ["own@inbox.example.org"]
    assert len(vendors.ours("Lead")) == 1


def test_a_row_that_fails_again_is_open_again(vendors: Vendors, pipeline: Pipeline) -> None:
    vendors.create([vendors.inquiry(email="", phone="")])
    pipeline.sync()
    [row] = quarantined(pipeline)
    pipeline.home.do("quarantine", "edit", str(row["id"]), "--set", "phone=1111111111", *WHY)
    pipeline.home.do("quarantine", "release", str(row["id"]), *WHY, "--yes")
    summary = pipeline.sync()
    [again] = quarantined(pipeline)
    assert (again["id"], again["reason"]) == (row["id"], "NOT_CONTACTABLE")
    assert summary.reasons["NOT_CONTACTABLE"] == 1 and vendors.records("Lead") == []


def test_many_released_rows_that_fail_again_do_not_stop_the_run(vendors: Vendors, pipeline: Pipeline) -> None:
    """Shares say something of what a source sends, nothing of rows that were picked because they had failed."""
    vendors.create([vendors.inquiry() for _ in range(150)] + [vendors.inquiry(email="", phone="") for _ in range(30)])
    pipeline.sync()
    pipeline.home.do("quarantine", "release", "--reason", "NOT_CONTACTABLE", *WHY, "--yes")
    vendors.create([vendors.inquiry()])
    assert pipeline.sync().written["salesforce"]["Lead"]["created"] == 1
    assert len(quarantined(pipeline)) == 30


def test_a_person_who_has_read_the_text_lets_it_pass(vendors: Vendors, pipeline: Pipeline) -> None:
    vendors.create([vendors.inquiry(message="I read about side effects on your page, can I still come in?")])
    pipeline.sync()
    [row] = quarantined(pipeline)
    assert (row["step"], row["reason"]) == ("shape", "SAFETY_REVIEW")
    assert pipeline.home.do("quarantine", "release", str(row["id"]), *WHY, "--yes")["waived"] == [row["id"]]
    assert pipeline.sync().written["salesforce"]["Lead"]["created"] == 1
    decided = [(one["action"], one["step"], one["reason"]) for one in pipeline.home.rows("intervention")]
    assert sorted(decided) == [("release", "shape", "SAFETY_REVIEW"), ("waive", "shape", "SAFETY_REVIEW")]
    assert quarantined(pipeline) == []


def test_a_waiver_is_for_one_reason_only(vendors: Vendors, pipeline: Pipeline) -> None:
    """Behind the text that was read there is an address that nobody has looked at."""
    vendors.create(
        [
            vendors.inquiry(
                message="I read about side effects on your page.", audience_type="Physician", email="doc@mailinator.com"
            )
        ]
    )
    pipeline.sync()
    [row] = quarantined(pipeline)
    pipeline.home.do("quarantine", "release", str(row["id"]), *WHY, "--yes")
    pipeline.sync()
    [row] = quarantined(pipeline)
    assert row["reason"] == "EMAIL_DISPOSABLE"
    pipeline.home.do("quarantine", "release", str(row["id"]), *WHY, "--yes")
    pipeline.sync()
    assert quarantined(pipeline) == [] and len(pipeline.home.rows("lead")) == 1


def test_what_failed_passes_only_when_it_is_said_so_and_never_without_permission(
    vendors: Vendors, pipeline: Pipeline
) -> None:
    vendors.create([vendors.inquiry(email="", phone="")])
    pipeline.sync()
    for reason in ("NOT_CONTACTABLE", "REQUIRED_MISSING"):
        [row] = quarantined(pipeline)
        assert row["reason"] == reason
        let_pass = pipeline.home.do("quarantine", "release", "--reason", reason, *WHY, "--waive", "--yes")
        assert let_pass["waived"] == let_pass["rows"] == [row["id"]]
        summary = pipeline.sync()
    assert quarantined(pipeline) == []
    assert summary.reasons == {"NO_PERMITTED_CHANNEL": 1, "UNCHANGED": 1}
    [lead] = pipeline.home.rows("lead")
    assert lead["processing_state"] == "held_consent" and vendors.records("Lead") == []


def test_a_finding_is_kept_whatever_the_lexicon_says_later(vendors: Vendors, pipeline: Pipeline) -> None:
    vendors.create([vendors.inquiry(message="I had an allergic reaction to something.")])
    pipeline.sync()
    [row] = quarantined(pipeline)
    pipeline.home.write("mappings/rules/screening.yaml", r"      - \ballergic (reaction|to the)\b" + "\n", "")
    pipeline.home.do("quarantine", "edit", str(row["id"]), "--set", "city=Chicago", *WHY)
    with pipeline.work() as work, work.hub.begin() as tx:
        quarantine.close(tx, pl.Series([row["id"]]), "released", work.now)  # without a waiver
    pipeline.sync()
    assert [(one["id"], one["reason"]) for one in quarantined(pipeline)] == [(row["id"], "SAFETY_REVIEW")]


def test_a_denial_outlives_the_replay_of_an_older_permission(vendors: Vendors, pipeline: Pipeline) -> None:
    """The same person has withdrawn through another form since."""
    given = vendors.inquiry(email="", phone="")
    vendors.create([given])
    pipeline.sync()
    [row] = quarantined(pipeline)
    phone = "(312) 555-0163"
    later = {**given, "phone": phone, "audience_type": "Physician", "company": "Example Practice"}
    vendors.create([{**later, "email_permission": "false", "phone_permission": "false"}])
    pipeline.sync()
    pipeline.home.do("quarantine", "edit", str(row["id"]), "--set", f"phone={phone}", *WHY)
    pipeline.home.do("quarantine", "release", str(row["id"]), *WHY, "--yes")
    pipeline.sync()
    [person] = pipeline.home.rows("person")
    assert (person["consent_phone"], person["consent_email"]) == ("denied", "denied")
    assert len(pipeline.home.rows("lead")) == 2 and vendors.records("Lead") == []


def test_an_older_row_that_is_released_gives_way_to_what_the_lead_knows(vendors: Vendors, pipeline: Pipeline) -> None:
    old = vendors.inquiry(email="", desired_timeline="Within a month", message="Are side effects common?")
    vendors.create([old])
    pipeline.sync()
    newer = {**old, "email": "ada.newer@inbox.example.org", "message": "", "desired_timeline": "Just researching"}
    vendors.create([{**newer, "inquiry_at": "2026-11-16T14:30:00Z", "city": "Evanston"}])
    pipeline.sync()
    [before] = pipeline.home.rows("lead")
    [row] = quarantined(pipeline)
    pipeline.home.do("quarantine", "release", str(row["id"]), *WHY, "--yes")
    pipeline.sync()
    [after] = pipeline.home.rows("lead")
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"attributes", "route", "rule_id"}, changed
    [person] = pipeline.home.rows("person")
    assert (person["email"], person["city"]) == ("ada.newer@inbox.example.org", "Evanston")


def test_rounds_take_each_source_row_once() -> None:
    rows = [("p1", "hubspot", "contacts", "1"), ("p2", "hubspot", "contacts", "2"), ("p1", "hubspot", "contacts", "1")]
    rows += [("p3", "hubspot", "contacts", "1"), ("p4", "marketo", "leads", "1")]
    names = [*PICKED[:4]]
    picked = pl.DataFrame(rows, names, orient="row").with_columns(lead_id=pl.lit(None), received_at=pl.lit(None))
    assert [part["payload_id"].to_list() for part in rounds(picked)] == [["p1", "p2"], ["p3"], ["p4"]]

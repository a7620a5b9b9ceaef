"""HND-07: what people decided and what sales did are parts of the path that `crosswalk explain` tells."""

import json
from contextlib import closing
from datetime import datetime, timedelta

import polars as pl
import pytest

from crosswalk.store import leads as lead_store
from crosswalk.store import outcomes
from crosswalk.store.hub import Hub
from tests.e2e.explained import LATER, explained, step, synced, told
from tests.e2e.test_privacy import personal_values
from tests.home import Home
from tests.vendors import Vendors

pytestmark = pytest.mark.feature("HND-07")


def test_what_sales_did_is_part_of_the_path(vendors: Vendors, home: Home) -> None:
    """Moves of sales stand at the time at which sales made them, an event that came too late says so."""
    (contact,) = vendors.create([vendors.inquiry()])
    synced(home)
    (lead,) = home.rows("lead", volatile=True)
    lead_id, record = lead["lead_id"], vendors.ours("Lead")[lead["lead_id"]]["Id"]
    recorded = datetime.fromisoformat(LATER)
    called = recorded - timedelta(minutes=20)
    moves = pl.DataFrame(
        {
            "lead_id": [lead_id, lead_id],
            "axis": ["status", "status"],
            "old": ["assigned", "accepted"],
            "new": ["accepted", "disqualified"],
            "actor": ["sales", "sales"],
            "rule": [None, None],
            "reason": [None, "info_only"],
            "version": ["2026.11", "2026.11"],
            "event_at": [called, called],
        },
        schema_overrides={"rule": pl.String, "event_at": pl.Datetime("us", "UTC")},
    )
    said = pl.DataFrame(
        {
            "lead_id": [lead_id, lead_id],
            "person_id": [lead["person_id"]] * 2,
            "kind": ["activity", "lead"],
            "code": ["left_voicemail", "disqualified"],
            "at": [called - timedelta(hours=2), called],
            "by": ["0055e000000001EAA", "0055e000000001EAA"],
            "system": ["salesforce"] * 2,
            "object": ["Task", "Lead"],
            "record_id": ["00T5e000000009EAA", record],
            "reason": ["STALE_EVENT", "info_only"],
            "result": ["stale", "applied"],
            "payload_id": [None, None],
            "version": ["2026.11"] * 2,
        },
        schema_overrides={"payload_id": pl.String, "at": pl.Datetime("us", "UTC")},
    )
    changed = pl.DataFrame({"lead_id": [lead_id], "status": ["disqualified"], "reason": ["info_only"]})
    with closing(Hub.open(home.database)) as hub, hub.begin() as tx:
        lead_store.append_history(tx, moves, "return-1", recorded)
        outcomes.put(tx, said, "return-1", recorded)
        lead_store.amend(tx, changed, "return-1", recorded)
    document = explained(home, contact)
    assert document["status"] == "disqualified"
    stale, applied = [one for one in document["path"] if one["step"] == "outcome"]
    assert (stale["result"], stale["reasons"], stale["detail"]["code"]) == ("stale", ["STALE_EVENT"], "left_voicemail")
    assert (applied["result"], applied["system"], applied["detail"]["record_id"]) == ("applied", "salesforce", record)
    moved = [one for one in document["path"] if one["step"] == "status" and one["actor"] == "sales"]
    assert [datetime.fromisoformat(one["at"]) for one in moved] == [called, called]
    text = told(home, contact)
    assert "Status by sales: assigned -> accepted -> disqualified" in text
    assert "The hub learned it at 2026-11-16 16:00 UTC." in text
    assert "It changed nothing: STALE_EVENT" in text and "Nothing: it is closed" in text


def test_what_people_decided_is_told(vendors: Vendors, home: Home) -> None:
    """Who changed and released a row of the quarantine, and why; the lead that came of it goes on."""
    home.settings["CROSSWALK_ACTOR"] = "intake lead"
    (contact,) = vendors.create([vendors.inquiry(email="Bela.Typo@gmail.con", phone="")])
    synced(home)
    (row,) = home.do("quarantine", "list")
    fixed = "email=bela.typo@gmail.com"
    home.do("quarantine", "edit", str(row["id"]), "--set", fixed, "--why", "asked by phone")
    home.do("quarantine", "release", str(row["id"]), "--why", "address is right now", "--yes")
    document = explained(home, contact)
    released = f"A person released row {row['id']} of the quarantine; the next run judges it anew."
    assert document["lead_id"] is None and document["next"] == [released]
    synced(home, LATER)
    document = explained(home, "bela.typo@gmail.com")
    assert (document["status"], document["processing_state"]) == ("assigned", "accepted")
    decided = [one for one in document["path"] if one["step"] == "intervention"]
    assert {one["actor"] for one in decided} == {"intake lead"}
    assert {one["result"] for one in decided} >= {"edit", "release"}
    edited = next(one for one in decided if one["result"] == "edit")
    assert (edited["detail"]["field"], edited["detail"]["why"]) == ("email", "asked by phone")
    text = told(home, contact)
    assert "intake lead decided on quarantine row" in text and "Why: asked by phone" in text
    assert "it was judged anew" in text and "bela.typo" not in text


def test_a_field_that_both_sides_wrote_is_told(vendors: Vendors, home: Home) -> None:
    """Marketing is told, somebody in marketing writes over it: names of fields and sides, never what was written."""
    (contact,) = vendors.create([vendors.inquiry()])
    home.do("setup")
    synced(home)
    assert home.run("return-outcomes", "--as-of", LATER).code == 0
    written = [one for one in explained(home, contact)["path"] if one["step"] == "apply" and one["system"] == "hubspot"]
    assert written and "crosswalk_status" in written[-1]["detail"]["fields"]
    assert f"The source was told: updated hubspot contacts {contact} with" in told(home, contact)
    vendors.change(contact, crosswalk_status="a private thought")
    synced(home, "2026-11-16T17:00:00Z")
    conflict = step(explained(home, contact), "conflict")
    assert (conflict["system"], conflict["detail"]["field"]) == ("hubspot", "crosswalk_status")
    text = told(home, contact)
    assert "Two sides wrote hubspot contacts crosswalk_status" in text and "private thought" not in text


def test_a_lead_that_sales_merged_into_another_names_it(vendors: Vendors, home: Home) -> None:
    contacts = vendors.create([vendors.inquiry(), vendors.inquiry()])
    home.do("setup")
    synced(home)
    leads = {one["external_id"]: one["lead_id"] for one in home.rows("lead")}
    master, loser = (vendors.ours("Lead")[leads[contact]]["Id"] for contact in contacts)
    vendors.control("merge", {"object": "Lead", "master": master, "losers": [loser]})
    home.do("return-outcomes")
    document = explained(home, contacts[1])
    assert (document["lead_id"], document["processing_state"]) == (leads[contacts[1]], "merged")
    assert document["next"][-1] == f"Nothing here: it is part of lead {leads[contacts[0]]} now."
    assert any(one["step"] == "outcome" and one["detail"]["kind"] == "removal" for one in document["path"])


def test_after_the_work_of_sales(vendors: Vendors, home: Home) -> None:
    """A whole team at work for days: every lead can be told, in the time in which it happened, and nothing personal."""
    vendors.load(150)
    home.do("setup")
    home.sync()
    vendors.control("work", {"steps": 5})
    assert home.run("return-outcomes").code in (0, 3)
    contacts = vendors.dump()["hubspot"]["contacts"]
    values = personal_values(contacts)
    cases = {(one["status"], one["reason"], one["processing_state"]): one["lead_id"] for one in home.rows("lead")}
    assert len({status for status, _, _ in cases}) > 6
    for (status, _, state), lead_id in cases.items():
        document = explained(home, lead_id)
        assert (document["status"], document["processing_state"]) == (status, state)
        moves = [one["result"] for one in document["path"] if one["step"] == "status"]
        assert moves[-1] == status, "the last move of the path is where the lead is"
        assert document["next"] and not [value for value in values if value in json.dumps(document)]
    converted = next(lead_id for (status, _, _), lead_id in cases.items() if status == "converted")
    assert {"Lead", "Contact", "Account"} <= explained(home, converted)["targets"]["salesforce"].keys()
    assert "Nothing: sales has won it." in told(home, converted)

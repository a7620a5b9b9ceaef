"""There and back on the sandbox: what its sales team did is what the hub has learned, once."""

from collections import Counter
from typing import Any

import pytest

from tests.home import Home, assert_conserved
from tests.vendors import Vendors

KEYS = {
    "run_id",
    "dry_run",
    "steps",
    "written",
    "reasons",
    "api_calls",
    "seconds",
    "waiting",
    "quarantined",
    "outcomes",
}


def back(home: Home, *arguments: str) -> dict[str, Any]:
    """Run the way back, which must succeed and conserve."""
    document: dict[str, Any] = home.do("return-outcomes", *arguments)
    assert_conserved(document["steps"])
    return document


def handed_over(vendors: Vendors, home: Home, contacts: int = 200) -> None:
    """Leads in the CRM, and everything that stood there before them read."""
    vendors.load(contacts)
    home.do("setup")
    home.sync()
    back(home)


@pytest.mark.feature("FBK-01", "FBK-05", "FBK-06")
def test_what_sales_did_is_learned_and_told_once(vendors: Vendors, home: Home) -> None:
    handed_over(vendors, home)
    vendors.control("work", {"steps": 6, "seed": 3})
    truth = vendors.ask("work")
    document = back(home)
    assert set(document) >= KEYS and document["flow"] == "return"

    said = document["outcomes"]
    chosen = {code: number for code, number in truth["sales_status"].items() if code != "none"}
    assert {code: said["status"].get(code) for code in chosen} == chosen
    done = {code: number for code, number in said["activity"].items() if code != "done"}
    assert done == truth["dispositions"]
    assert document["meetings"] == {
        "events": truth["meetings"]["events"],
        "chains": truth["meetings"]["chains"],
        "by_outcome": truth["meetings"]["chains_by_outcome"],
    }
    assert said["opportunity"].keys() <= {"open", "won", "lost"}
    assert sum(said["opportunity"].values()) == sum(truth["opportunities"].values())
    statuses = Counter(lead["status"] for lead in home.rows("lead"))
    assert statuses["converted"] == truth["conversions"]
    contacts = vendors.ask("dump", system="hubspot")["hubspot"]["contacts"]
    told = Counter(one["properties"].get("crosswalk_status") for one in contacts)
    assert told["converted"] >= truth["conversions"] and told["recycled"] >= truth["sales_status"]["recycled"]

    database = {name: home.rows(name) for name in ("lead", "outcome", "outbox", "link", "quarantine", "history")}
    for again in (home.sync, lambda: back(home)):
        vendors.forget_requests()
        assert again()["written"] == {}
        assert vendors.writes() == {}
    assert {name: home.rows(name) for name in database} == database


@pytest.mark.feature("FBK-01")
def test_a_run_without_news_costs_a_page_a_stream(vendors: Vendors, home: Home) -> None:
    handed_over(vendors, home, 100)
    vendors.forget_requests()
    document = back(home)
    assert document["outcomes"] == {} and document["gates"] == []
    calls = vendors.requests()
    assert calls["salesforce"] == document["api_calls"]["salesforce"] <= 8, "six streams, and signing in"
    assert calls["hubspot"] == 0


def test_a_dry_run_shows_it_and_changes_nothing_at_all(vendors: Vendors, home: Home) -> None:
    handed_over(vendors, home, 100)
    vendors.control("work", {"steps": 3, "seed": 3})
    before = vendors.dump(), home.content(), home.files()
    promised = back(home, "--dry-run")
    assert (vendors.dump(), home.content(), home.files()) == before
    assert promised["dry_run"] and promised["moves"]
    document = back(home)
    for key in ("outcomes", "moves", "meetings", "written"):
        assert promised[key] == document[key], key


def test_for_people_it_says_what_came_back(vendors: Vendors, home: Home) -> None:
    handed_over(vendors, home, 100)
    vendors.control("work", {"steps": 5, "seed": 3})
    ended = home.run("return-outcomes")
    assert ended.code == 0 and ended.err == ""
    for part in ("Leads that moved", "What sales said", "Meetings:", "calls to salesforce"):
        assert part in " ".join(ended.out.split())
    for contact in vendors.ask("dump", system="hubspot")["hubspot"]["contacts"]:
        email = contact["properties"].get("email")
        assert not email or email not in ended.out
    assert "Sales has done nothing new" in home.run("return-outcomes").out


@pytest.mark.feature("FBK-01")
def test_a_label_that_nobody_has_mapped_waits_for_a_person(vendors: Vendors, home: Home) -> None:
    handed_over(vendors, home, 100)
    lead = next(iter(vendors.ours("Lead").values()))
    call = {"WhoId": lead["Id"], "Subject": "Call", "Status": "Completed"}
    vendors.insert("Task", **call, CallDisposition="Left voicemail")
    odd = vendors.insert("Task", **call, CallDisposition="went well-ish")
    document = back(home)
    assert document["reasons"]["UNKNOWN_LABEL"] == 1 and document["outcomes"] == {"activity": {"left_voicemail": 1}}
    listed = [one for one in home.do("quarantine", "list") if one["reason"] == "UNKNOWN_LABEL"]
    assert [(one["step"], one["external_id"]) for one in listed] == [("conclude", odd)]
    assert "well-ish" not in str(home.rows("outcome")) + str(home.rows("quarantine"))


def test_as_if_it_were_another_time(vendors: Vendors, home: Home) -> None:
    ended = home.run("return-outcomes", "--as-of", "yesterday")
    assert ended.code == 2 and "as-of" in ended.err

"""What a person can do with a row that waits: look, mend, let go, give up; always with a reason, never in the open."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.home import Home, strings
from tests.vendors import Vendors

pytestmark = pytest.mark.feature("NRM-04")
WHY = ("--why", "asked the clinic")


def rows(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = home.do("quarantine", "list")
    return found


@pytest.fixture
def waiting(vendors: Vendors, home: Home) -> list[dict[str, Any]]:
    """Three rows that cannot be reached and one whose text must be read, among good ones."""
    unreachable = [vendors.inquiry(lastname="Quarantina", email="", phone="") for _ in range(3)]
    read = vendors.inquiry(message="Are there side effects?", lastname="Textworth")
    vendors.create([*unreachable, read, *(vendors.inquiry() for _ in range(9))])
    home.sync()
    return sorted(rows(home), key=lambda row: (row["reason"], row["id"]))


def test_content_is_shown_only_when_it_is_asked_for(home: Home, waiting: Sequence[dict[str, Any]]) -> None:
    number = str(waiting[0]["id"])
    assert {"id", "step", "reason", "source", "external_id", "at", "run_id"} == set(waiting[0])
    hidden = home.do("quarantine", "show", number)
    assert "properties" not in hidden and hidden["interventions"] == []
    assert "Quarantina" not in home.run("quarantine", "show", number).out
    assert home.do("quarantine", "show", number, "--reveal")["properties"]["lastname"] == "Quarantina"
    assert "Quarantina" in home.run("quarantine", "show", number, "--reveal").out
    assert home.run("quarantine", "show", "4711").code == 2


def test_a_release_is_previewed(home: Home, vendors: Vendors, waiting: Sequence[dict[str, Any]]) -> None:
    before = home.content()
    preview = home.do("quarantine", "release", "--reason", "NOT_CONTACTABLE", *WHY)
    assert preview["done"] is False and len(preview["rows"]) == 3 and preview["waived"] == []
    assert preview["counts"] == [{"step": "gate_shaped", "reason": "NOT_CONTACTABLE", "n": 3}]
    assert "add --yes" in home.run("quarantine", "release", "--step", "shape", *WHY).out
    assert home.content() == before
    done = home.do("quarantine", "release", "--reason", "NOT_CONTACTABLE", *WHY, "--yes")
    assert done == {**preview, "done": True}
    assert [row["reason"] for row in rows(home)] == ["SAFETY_REVIEW"]
    assert home.run("sync", "--json").code == 3, "all that this run had failed again"
    assert {row["reason"] for row in rows(home)} == {"SAFETY_REVIEW", "NOT_CONTACTABLE"}


def test_rows_are_chosen_by_time(home: Home, waiting: Sequence[dict[str, Any]]) -> None:
    since, until = waiting[0]["at"], "2100-01-01"
    assert len(home.do("quarantine", "discard", "--since", since, "--until", until, *WHY)["rows"]) == 4
    assert home.do("quarantine", "discard", "--until", since, *WHY)["rows"] == []
    assert home.do("quarantine", "discard", "--since", until, "--step", "shape", *WHY)["rows"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("release", *WHY),
        ("release", "4711", *WHY),
        ("release", "1", "--since", "yesterday", *WHY),
        ("release", "1", "--why", " ", "--yes"),
        ("discard", *WHY),
        ("edit", "1", "--set", "favourite_colour=blue", *WHY),
        ("edit", "1", "--set", "email", *WHY),
        ("edit", "4711", "--set", "email=a@inbox.example.org", *WHY),
    ],
)
def test_what_makes_no_sense_is_refused(
    home: Home, waiting: Sequence[dict[str, Any]], arguments: tuple[str, ...]
) -> None:
    before = home.rows("quarantine")
    ended = home.run("quarantine", *arguments)
    assert ended.code == 2 and "ConfigError" in ended.err and "Traceback" not in ended.err
    assert home.rows("quarantine") == before and home.rows("intervention") == []


def test_what_is_discarded_stays_away_until_its_source_says_something_new(
    home: Home, vendors: Vendors, waiting: Sequence[dict[str, Any]]
) -> None:
    home.do("quarantine", "discard", "--reason", "NOT_CONTACTABLE", *WHY, "--yes")
    assert [row["reason"] for row in rows(home)] == ["SAFETY_REVIEW"]
    assert home.sync()["written"] == {} and len(rows(home)) == 1
    vendors.change(waiting[0]["external_id"], email="back@inbox.example.org")
    assert home.sync()["written"]["salesforce"]["Lead"]["created"] == 1


def test_who_changed_what_and_why_is_kept_and_no_value_is_readable(
    home: Home, waiting: Sequence[dict[str, Any]]
) -> None:
    home.settings["CROSSWALK_ACTOR"] = "coordinator01"
    number = str(waiting[0]["id"])
    outputs = []
    for arguments in (
        ("edit", number, "--set", "email=secret.canary@inbox.example.org", *WHY),
        ("show", number),
        ("release", number, *WHY, "--yes"),
        ("show", number, "--json"),
    ):
        ended = home.run("quarantine", *arguments)
        assert ended.code == 0, ended.err
        outputs += [ended.out, ended.err]
    assert not [text for text in outputs if "secret.canary" in text]
    assert b"secret.canary" not in strings(home.folder / ".crosswalk" / "hub.db")
    decided = home.do("quarantine", "show", number)["interventions"]
    assert [(one["action"], one["field"], one["actor"], one["why"]) for one in decided] == [
        ("edit", "email", "coordinator01", "asked the clinic"),
        ("release", None, "coordinator01", "asked the clinic"),
    ]
    explained = home.run("explain", waiting[0]["external_id"])
    assert explained.code == 0 and "coordinator01" in explained.out


def test_nobody_decides_while_a_run_is_in_progress(home: Home, waiting: Sequence[dict[str, Any]]) -> None:
    from contextlib import closing  # noqa: PLC0415

    from crosswalk.store.hub import Hub  # noqa: PLC0415

    number = str(waiting[0]["id"])
    with closing(Hub.open(home.database)) as hub, hub.exclusive():
        for arguments in (
            ("release", number, *WHY, "--yes"),
            ("discard", number, *WHY, "--yes"),
            ("edit", number, "--set", "email=a@inbox.example.org", *WHY),
        ):
            ended = home.run("quarantine", *arguments)
            assert ended.code == 1 and "another run is in progress" in ended.err
        assert home.run("quarantine", "release", number, *WHY).code == 0, "looking is allowed"
    assert home.rows("intervention") == []


def test_an_edit_that_changes_nothing_is_no_edit(home: Home, waiting: Sequence[dict[str, Any]]) -> None:
    number = str(waiting[0]["id"])
    assert home.do("quarantine", "edit", number, "--set", "lastname=Quarantina", *WHY)["changed"] == []
    assert home.rows("intervention") == [] and len(home.rows("payload")) == 13


def test_what_the_crm_refused_goes_again_when_it_is_released(vendors: Vendors, home: Home) -> None:
    """A field was too short for one of the clinics; an admin has made it longer since."""
    from dataclasses import replace  # noqa: PLC0415

    vendors.load(fields=False)
    vendors.set_up([replace(one, length=8) if one.name == "Crosswalk_Location__c" else one for one in vendors.fields])
    good = [vendors.inquiry(preferred_location="Kenosha") for _ in range(12)]
    vendors.create([*good, vendors.inquiry(preferred_location="Naperville")])
    home.sync()
    [row] = rows(home)
    assert (row["step"], row["reason"]) == ("apply", "STRING_TOO_LONG")
    assert home.sync()["written"] == {}, "what was refused waits for a person"
    home.do("quarantine", "release", str(row["id"]), *WHY, "--yes")
    again = home.run("sync", "--json").document
    assert again["written"]["salesforce"]["Lead"]["failed"] == 1
    assert [one["id"] for one in rows(home)] == [row["id"]], "the field is as short as before"
    home.do("quarantine", "edit", str(row["id"]), "--set", "preferred_location=Kenosha", *WHY)
    home.do("quarantine", "release", str(row["id"]), *WHY, "--yes")
    assert home.sync()["written"]["salesforce"]["Lead"]["created"] == 1
    assert rows(home) == [] and len(vendors.ours("Lead")) == len(vendors.ours("Task")) == 13

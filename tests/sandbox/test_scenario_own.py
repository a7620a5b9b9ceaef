"""A scenario that a user wrote: the documented one works, and mistakes are told where they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from sandbox.scenarios import Scenario, build
from sandbox.scenarios.source import ScenarioError
from sandbox.scenarios.values import part, value

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scenarios.md"
EXAMPLE = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "scenario.yaml").write_text(EXAMPLE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def riverside(directory: Path) -> Scenario:
    return build(str(directory), 400, 7)


def test_the_documented_example_has_what_it_says(riverside: Scenario) -> None:
    truth, rows = riverside.truth, {row["hs_object_id"]: row for row in riverside.hubspot_contacts}
    assert truth["kinds"] == {"patient": 320, "subscriber": 80}
    assert truth["rates"] == {"typo": 16, "identifiers": 8, "twice": 13}
    assert all(rows[key]["email"].endswith("@gmail.con") for key in truth["cases"]["typo"])
    assert all(texts == [rows[key]["message"]] for key, texts in truth["canaries"].items())
    assert set(truth["canaries"]) == set(truth["cases"]["identifiers"])
    for pair in truth["duplicates"]:
        one, two = rows[pair["original"]], rows[pair["duplicate"]]
        assert all(one[name] == two[name] for name in ("firstname", "lastname", "phone"))
        assert one["email"] != two["email"]
    patients = [row for row in rows.values() if "inquiry_at" in row]
    assert len(patients) == 320
    assert {(row["zip"], row["state"]) for row in patients} == {("60611", "IL"), ("02139", "MA")}
    assert {int(row["tooth"]) for row in patients} == set(range(1, 33))
    methods = Counter(row["capture_method"] for row in patients)
    assert 0.6 < methods["Web form"] / 320 < 0.8
    assert all(re.search(r"utm_source=(google|bing)&", row["landing_page_url"]) for row in patients)
    assert not any(name.startswith("_") for row in patients for name in row)


def test_its_crm_and_engagement_fit(riverside: Scenario) -> None:
    org = riverside.salesforce_records
    users = {user["Id"]: user for user in org["User"]}
    assert [user["IsActive"] for user in org["User"]] == [True, False, True, True]
    assert len(org["Contact"]) == 16 == len(riverside.truth["crm"]["contact"])
    assert all(users[contact["OwnerId"]]["Title"] == "Front Desk" for contact in org["Contact"])
    assert all(users[contact["OwnerId"]]["IsActive"] for contact in org["Contact"])
    assert {contact["AccountId"] for contact in org["Contact"]} == {org["Account"][0]["Id"]}
    [form] = riverside.hubspot_forms
    assert len(riverside.hubspot_submissions) == 320
    assert {seed["form"] for seed in riverside.hubspot_submissions} == {form["id"]}
    opened = Counter(seed["recipient"] for seed in riverside.hubspot_email_events if seed["type"] == "OPEN")
    for row in riverside.hubspot_contacts:
        assert opened[row["email"]] == int(row.get("hs_email_open", 0))


def test_a_sandbox_serves_it(directory: Path, start_sandbox: Callable) -> None:
    running = start_sandbox("--scenario", str(directory / "scenario.yaml"), "--contacts", "60")
    first = running.ask("GET", "/crm/v3/objects/contacts?limit=100&properties=tooth").json()["results"]
    assert len(first) == 60 and any(one["properties"]["tooth"] for one in first)
    truth = requests.get(f"{running.salesforce['url']}/_sandbox/inspect", timeout=10).json()["truth"]
    assert truth["rates"]["typo"] == 2


def test_seed_and_size_decide_the_people(directory: Path, riverside: Scenario) -> None:
    again, other = build(str(directory), 400, 7), build(str(directory), 400, 8)
    assert again.hubspot_contacts == riverside.hubspot_contacts
    assert again.hubspot_email_events == riverside.hubspot_email_events
    assert other.hubspot_contacts != riverside.hubspot_contacts
    assert other.truth["rates"] == riverside.truth["rates"]


@pytest.mark.parametrize("size", [0, 1, 3])
def test_any_size_builds(directory: Path, size: int) -> None:
    assert len(build(str(directory), size, 1).hubspot_contacts) == size


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("name: riverside", "nam: riverside", r"nam: there is no such key; there are about, "),
        ("weight: 4", "weight: many", r"people\.kinds\.patient\.weight: 'many' is not a whole number"),
        ("tooth: {from", "tooht: {from", r"people\.kinds\.patient\.values\.tooht: the portal has no such property"),
        ("${_source}", "${_sourse}", r"people\.kinds\.patient\.values\.landing_page_url: \$_sourse is not known"),
        ("kinds: [patient], set", "kinds: [child], set", r"defects\.typo\.kinds\.0: there is no kind child"),
        ("domain: riverside.example.org", "domain: riverside.com", r"staff\.domain: 'riverside\.com' is not a domain"),
        ("Name: Riverside", "Nam: Riverside", r"records\.Account\.0\.Nam: Account has no such field"),
        ("$desk", "$dask", r"known\.Contact\.values\.OwnerId: \$dask is not known"),
        ("share: 2", "share: two", r"defects\.identifiers\.share: 'two' is not a share"),
        ("about: A dental", "name: A dental", r"name: stands here twice"),
        ("google: 3, bing: 1}", "google: 3, bing: one}", r".*patient\.values\._source\.bing: 'one' is not"),
        ("audience_type: [", "audience_type: [$city, $tooth, $audience_type, ", r".*needs itself"),
        ("{Ask us: [email", "{Ask us: [e_mail", r"engagement\.forms\.Ask us\.0: the portal has no such property"),
        ("  kinds:", "  sorts:", r"people\.sorts: there is no such key"),
    ],
)
def test_mistakes_are_told_where_they_are(directory: Path, old: str, new: str, complaint: str) -> None:
    file, place = directory / "scenario.yaml", EXAMPLE.index(old)
    file.write_text(EXAMPLE[:place] + new + EXAMPLE[place + len(old) :], encoding="utf-8")
    line = EXAMPLE[:place].count("\n") + 1
    with pytest.raises(ScenarioError, match=f"{re.escape(str(file))}:{line}: {complaint}"):
        build(str(directory), 10, 1)


def test_what_is_no_yaml_is_told_with_its_line(directory: Path) -> None:
    (directory / "scenario.yaml").write_text("name: x\nstaff: [a, b\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"scenario\.yaml:3: this is no YAML: expected ',' or ']'"):
        build(str(directory), 10, 1)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(ScenarioError, match=r"/nowhere\.yaml: cannot be read"):
        build("/nowhere.yaml", 10, 1)


def test_shares_are_rounded_half_up() -> None:
    assert [part(total, "2.5") for total in (19, 20, 59, 60)] == [0, 1, 1, 2]
    assert part(18_000, "640/18000") == 640
    with pytest.raises(ValueError, match="begins a name"):
        value("cost $5")

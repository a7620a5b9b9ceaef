"""`/_sandbox/work` with `team`: what marketing's people say they did is held against what the wire shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Sandbox

START = "2026-11-17T15:00:00Z"
PEOPLE = 120
EVENTS = "/marketing/v3/marketing-events"


@pytest.fixture
def portal(sandbox: Sandbox) -> Sandbox:
    sandbox.control("POST", "/clock", now=START, frozen=True)
    for first in range(0, PEOPLE, 100):
        numbers = range(first, min(first + 100, PEOPLE))
        sandbox.hubspot_contacts(*(f"kim.{number}@example.org" for number in numbers), lastname="Ford")
    return sandbox


def work(portal: Sandbox, **body: Any) -> Any:
    return portal.control("POST", "/work", **{"team": "marketing", "seed": 4, **body})


def pages(portal: Sandbox, path: str) -> list[dict[str, Any]]:
    """All results of a list with `after`."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = portal.ask("GET", f"{path}{'&' if '?' in path else '?'}after={after}" if after else path).json()
        found += page["results"]
        if "paging" not in page:
            return found
        after = page["paging"]["next"]["after"]


def contacts(portal: Sandbox, *names: str) -> list[dict[str, Any]]:
    path = f"/crm/v3/objects/contacts?limit=100&properties={','.join(names)}"
    return [one["properties"] for one in pages(portal, path)]


def test_everybody_with_an_address_does_one_thing(portal: Sandbox) -> None:
    portal.ask("POST", "/crm/v3/objects/contacts", {"properties": {"lastname": "Nameless"}})
    answer = work(portal)
    assert answer["chosen"] == sum(answer["acts"].values()) == PEOPLE
    assert answer["truth"] == portal.control("GET", "/work")["marketing"]
    assert answer["besides"]["newcomers"] == PEOPLE // 20


def test_the_truth_is_what_the_wire_shows(portal: Sandbox) -> None:
    truth = work(portal, steps=4)["truth"]
    assert truth["steps"] == 4
    events: list[dict[str, Any]] = []
    page = portal.ask("GET", "/email/public/v1/events?limit=1000").json()
    while True:
        events += page["events"]
        if not page["hasMore"]:
            break
        page = portal.ask("GET", f"/email/public/v1/events?limit=1000&offset={page['offset']}").json()
    assert Counter(one["type"] for one in events) == truth["email_events"]
    forms = portal.ask("GET", "/marketing/v3/forms").json()["results"]
    read = {
        form["id"]: len(pages(portal, f"/form-integrations/v1/submissions/forms/{form['id']}?limit=50"))
        for form in forms
    }
    assert read == truth["submissions"]
    webinars = Counter[str]()
    for one in portal.ask("GET", f"{EVENTS}/").json()["results"]:
        webinars.update(
            registered=one["registrants"],
            attended=one["attendees"],
            cancelled=one["cancellations"],
            no_shows=one["noShows"],
        )
    assert webinars == truth["webinars"]
    made = truth["new_contacts"]
    # A merge makes one of two.
    assert len(contacts(portal)) == PEOPLE + sum(made.values()) - truth["merged"] - truth["deleted"]
    assert made["typed"] == truth["merged"] == 4
    changes = portal.ask("GET", "/email/public/v1/subscriptions/timeline?limit=1000").json()["timeline"]
    kinds = Counter(one["changes"][0]["changeType"] for one in changes)
    assert kinds["PORTAL_STATUS"] == truth["opted_out"]["all"]
    assert kinds["SUBSCRIPTION_STATUS"] == truth["opted_out"]["one"]


def test_opted_out_people_get_no_more_mail(portal: Sandbox) -> None:
    work(portal, steps=5)
    changes = portal.ask("GET", "/email/public/v1/subscriptions/timeline?limit=1000").json()["timeline"]
    out = [one["recipient"] for one in changes if one["changes"][0]["changeType"] == "PORTAL_STATUS"]
    assert out
    shown = {one["email"] for one in contacts(portal, "email", "hs_email_optout") if one["hs_email_optout"] == "true"}
    assert shown <= set(out)
    assert shown
    portal.control("POST", "/clock", advance_seconds=60)
    work(portal, steps=2)
    events = portal.ask("GET", "/email/public/v1/events?limit=1000&eventType=SENT").json()["events"]
    later = [one for one in events if one["created"] >= max(event["timestamp"] for event in changes) + 60_000]
    assert later
    assert not {one["recipient"] for one in later} & set(out)


def test_what_people_do_is_dated_by_the_clock(portal: Sandbox) -> None:
    work(portal)
    portal.control("POST", "/clock", advance_seconds=86_400)
    work(portal)
    events = portal.ask("GET", "/email/public/v1/events?limit=1000").json()["events"]
    assert len({one["created"] for one in events}) == 2
    changed = {one["lastmodifieddate"][:10] for one in contacts(portal)}
    assert changed == {"2026-11-17", "2026-11-18"}


def test_the_same_calls_do_the_same(portal: Sandbox) -> None:
    def run(seed: int) -> tuple[Any, Any]:
        portal.reset()
        portal.control("POST", "/clock", now=START, frozen=True)
        portal.hubspot_contacts(*(f"kim.{number}@example.org" for number in range(40)))
        answer = work(portal, seed=seed, steps=3)
        return answer, portal.control("GET", "/dump?system=hubspot&times=true")

    first, again, other = run(1), run(1), run(2)
    assert first == again
    assert first[0]["acts"] != other[0]["acts"]


def test_a_share_of_them(portal: Sandbox) -> None:
    answer = work(portal, share=0.25)
    assert 10 < answer["chosen"] < 60
    assert work(portal, share=0)["chosen"] == 0


def test_the_teams(portal: Sandbox) -> None:
    sales = portal.control("POST", "/work", seed=1)
    assert sales == portal.control("POST", "/work", seed=1, team="sales") | {"truth": sales["truth"]}
    assert "marketing" not in portal.control("GET", "/work")
    both = portal.control("POST", "/work", seed=1, team="both")
    assert both["marketing"]["chosen"] == PEOPLE
    assert both.keys() - {"marketing"} == sales.keys()
    assert portal.control("GET", "/work")["marketing"] == both["marketing"]["truth"]


def test_reset_forgets_and_a_snapshot_remembers(portal: Sandbox) -> None:
    truth = work(portal)["truth"]
    portal.control("POST", "/snapshot", name="worked")
    work(portal)
    portal.control("POST", "/restore", name="worked")
    assert portal.control("GET", "/work")["marketing"] == truth
    again = work(portal)
    assert again["truth"]["steps"] == 2
    portal.reset()
    assert "marketing" not in portal.control("GET", "/work")


def test_work_in_a_real_looking_portal(sandbox: Sandbox) -> None:
    """Its contacts are dirty: some addresses are none, some stages are beyond marketing."""
    sandbox.control("POST", "/load", scenario="lakeshore", contacts=300, seed=2)
    answer = work(sandbox, steps=2)
    assert answer["chosen"] == sum(answer["acts"].values()) > 300


@pytest.mark.parametrize("body", [{"team": "legal"}, {"team": "marketing", "seed": "x"}, {"team": 1}])
def test_nonsense_is_refused(portal: Sandbox, body: dict[str, Any]) -> None:
    answer = portal.session.post(f"{portal.hubspot['url']}/_sandbox/work", json=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]

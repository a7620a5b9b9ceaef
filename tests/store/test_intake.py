"""Payloads, people, quarantine and links."""

from datetime import timedelta

import polars as pl
import pytest
from sqlalchemy import select

from crosswalk.store import integrity, links, payloads, people, quarantine
from crosswalk.store.hub import Hub
from crosswalk.store.tables import seen

HOUR = timedelta(hours=1)


def landed(*rows: tuple[str, str]) -> pl.DataFrame:
    """Payloads of (external id, content)."""
    return pl.DataFrame(
        {
            "payload_id": [f"{external}/{content}" for external, content in rows],
            "source": "hubspot",
            "stream": "contacts",
            "external_id": [external for external, _ in rows],
            "modified_at": None,
            "hash": [content for _, content in rows],
            "body": [content.encode() for _, content in rows],
            "email": "a column of the source",
        }
    )


def test_landing_knows_what_it_has_seen(hub: Hub, now) -> None:
    ids = pl.Series("anything", ["1", "2", "3", "3", None])
    with hub.begin() as tx:
        assert payloads.known(tx, "hubspot", "contacts", ids).is_empty()
        assert payloads.land(tx, landed(("1", "a"), ("2", "b")), "r1", now) == 2
        assert payloads.land(tx, landed(("1", "a"), ("2", "c")), "r2", now + HOUR) == 1
        known = payloads.known(tx, "hubspot", "contacts", ids).sort("external_id")
        assert known.rows() == [("1", "a"), ("2", "c")]
        assert payloads.known(tx, "hubspot", "deals", ids).is_empty()
        assert payloads.land(tx, landed(("2", "b")), "r3", now + 2 * HOUR) == 0  # as it was before
        assert payloads.known(tx, "hubspot", "contacts", pl.Series(["2"]))["hash"].item() == "b"
        assert set(tx.scalars(select(seen.c.first_seen_at))) == {now}
        assert payloads.count_seen(tx, "hubspot", "contacts") == 2
        assert payloads.body(tx, "2/c") == b"c"
        assert payloads.body(tx, "2/z") is None
        assert payloads.bodies(tx, pl.Series(["2/b", "2/c"])).sort("payload_id")["run_id"].to_list() == ["r1", "r2"]
        assert integrity.orphans(tx) == {}


def test_two_versions_in_one_batch_are_both_kept_and_the_later_one_is_current(hub: Hub, now) -> None:
    with hub.begin() as tx:
        assert payloads.land(tx, landed(("1", "a"), ("1", "b")), "r", now) == 2
        assert payloads.known(tx, "hubspot", "contacts", pl.Series(["1"]))["hash"].to_list() == ["b"]


def test_a_finding_is_new_once(hub: Hub, now) -> None:
    found = pl.DataFrame(
        {"payload_hash": ["h", "h", "h"], "kind": ["ae", "optout", "ae"], "payload_id": ["1", "1", "2"]}
    )
    with hub.begin() as tx:
        assert payloads.find(tx, found, "r1", now) == 2
        assert payloads.find(tx, found, "r2", now) == 0


def test_people_and_their_keys(hub: Hub, now) -> None:
    rows = pl.DataFrame({"person_id": ["p1", "p2"], "first_name": ["Ana", "Bo"], "is_existing_patient": [None, True]})
    keys = pl.DataFrame({"kind": ["email", "npi"], "value": ["a@x.example", "1234567893"], "person_id": ["p1", "p2"]})
    with hub.begin() as tx:
        people.upsert(tx, rows.with_columns(unknown=pl.lit("left out")), "r1", now)
        people.upsert(tx, rows.head(1).with_columns(first_name=pl.lit("Anna"), city=pl.lit("Peoria")), "r2", now + HOUR)
        found = people.get(tx, pl.Series(["p1", "p2", "p3"])).sort("person_id")
        columns = ("first_name", "city", "is_existing_patient", "created_at", "updated_at", "run_id")
        assert found.select(columns).rows() == [
            ("Anna", "Peoria", None, now, now + HOUR, "r2"),
            ("Bo", None, True, now, now, "r1"),
        ]
        assert people.add_keys(tx, keys) == 2
        assert people.add_keys(tx, keys.with_columns(person_id=pl.lit("p3"))) == 0  # taken
        assert people.find_key(tx, "npi", "1234567893") == "p2"
        assert people.find_key(tx, "email", "1234567893") is None
        asked = pl.concat(
            [keys.drop("person_id"), pl.DataFrame({"kind": ["email"], "value": [None]})], how="vertical_relaxed"
        )
        assert people.by_keys(tx, asked).sort("kind").equals(keys)
        assert people.keys_of(tx, pl.Series(["p2"])).rows() == [("npi", "1234567893", "p2")]
        assert integrity.orphans(tx) == {}
        people.add_keys(tx, pl.DataFrame({"kind": ["crm"], "value": ["00Q1"], "person_id": ["nobody"]}))
        assert integrity.orphans(tx) == {"person_key.person_id": 1}


def waiting(
    unit: str, external_id: str = "e1", step: str = "shape", reason: str = "NO_EMAIL", detail: str | None = None
):
    row = {"step": step, "reason": reason, "source": "hubspot", "stream": "contacts", "external_id": external_id}
    strings = dict.fromkeys((*row, "unit", "payload_id", "lead_id", "detail"), pl.String)
    return pl.DataFrame([{**row, "unit": unit, "payload_id": unit, "lead_id": None, "detail": detail}], schema=strings)


def test_quarantine_holds_a_unit_once_per_step(hub: Hub, now) -> None:
    with hub.begin() as tx:
        assert quarantine.add(tx, waiting("u1", detail='{"column":"email"}'), "r1", now) == 1
        assert quarantine.add(tx, waiting("u1"), "r2", now + HOUR) == 0
        assert quarantine.add(tx, waiting("u1", step="qualify", reason="GATE"), "r2", now + HOUR) == 1
        assert quarantine.add(tx, waiting("u1", step="qualify", reason="OTHER"), "r3", now + HOUR) == 1
        first, second = quarantine.list_open(tx)
        assert first == {"id": first["id"], "step": "shape", "reason": "NO_EMAIL", "source": "hubspot"} | {
            "external_id": "e1",
            "at": now,
            "run_id": "r1",
        }
        assert second["reason"] == "OTHER"
        assert quarantine.show(tx, first["id"])["detail"] == {"column": "email"}
        assert quarantine.show(tx, -1) is None
        assert quarantine.list_open(tx, reason="OTHER") == quarantine.list_open(tx, step="qualify") == [second]
        assert quarantine.list_open(tx, source="marketo") == []
        assert quarantine.list_open(tx, limit=1) == [first]
        assert quarantine.counts(tx) == {"NO_EMAIL": 1, "OTHER": 1}
        assert quarantine.counts(tx, "r3") == {"OTHER": 1}


def test_newer_content_supersedes(hub: Hub, now) -> None:
    newer = pl.DataFrame({"source": "hubspot", "stream": "contacts", "external_id": ["e1", "e3"], "unit": ["u2", "u3"]})
    with hub.begin() as tx:
        for unit, external_id in (("u1", "e1"), ("u2", "e1"), ("x", "e2")):
            quarantine.add(tx, waiting(unit, external_id), "r1", now)
        assert quarantine.supersede(tx, newer, now + HOUR) == 1
        assert [row["external_id"] for row in quarantine.list_open(tx)] == ["e1", "e2"]
        assert quarantine.supersede(tx, newer.drop("unit"), now + HOUR) == 1
        assert quarantine.supersede(tx, newer.clear(), now) == 0
        assert quarantine.add(tx, waiting("u1"), "r2", now + HOUR) == 1  # the old content came back
        assert quarantine.counts(tx, "r2") == {"NO_EMAIL": 1}


@pytest.mark.parametrize(("state", "again"), [("released", 1), ("discarded", 0)])
def test_a_released_unit_may_fail_again_a_discarded_one_is_gone(hub: Hub, now, state: str, again: int) -> None:
    with hub.begin() as tx:
        quarantine.add(tx, waiting("u1"), "r1", now)
        chosen = pl.Series([row["id"] for row in quarantine.list_open(tx)])
        assert quarantine.close(tx, chosen, state, now) == 1
        assert quarantine.close(tx, chosen, state, now) == 0
        assert quarantine.show(tx, chosen[0])["state"] == state
        assert quarantine.add(tx, waiting("u1"), "r2", now) == again
        assert len(quarantine.list_open(tx)) == again


def test_links(hub: Hub, now) -> None:
    rows = pl.DataFrame(
        {
            "system": "salesforce",
            "object": ["Lead", "Lead", "Contact"],
            "record_id": ["00Q1", "00Q2", "0031"],
            "person_id": ["p1", "p1", "p1"],
            "lead_id": ["l1", None, None],
            "state": ["linked", "ambiguous", "linked"],
            "via": "email",
        }
    )
    with hub.begin() as tx:
        links.put(tx, rows, now)
        links.put(tx, rows.tail(1).with_columns(state=pl.lit("closed")), now)
        assert links.by_lead(tx, "salesforce", "Lead", pl.Series(["l1", "l2", None])).rows() == [
            ("l1", "00Q1", "linked")
        ]
        by_person = links.by_person(tx, "salesforce", "Lead", pl.Series(["p1"])).sort("record_id")
        assert by_person.rows() == [("p1", "00Q1", "linked"), ("p1", "00Q2", "ambiguous")]
        assert links.by_record(tx, "salesforce", "Contact", pl.Series(["0031"])).rows() == [
            ("0031", "p1", None, "closed")
        ]

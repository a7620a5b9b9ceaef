"""Keys: find an inquiry by whatever is at hand (HND-07)."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import emails
from crosswalk.domain.record_ids import spellings
from crosswalk.errors import ConfigError
from crosswalk.platform.catalog import Catalog
from crosswalk.store import leads, people, story
from crosswalk.store.story import Row, SourceRow

Unseal = Callable[[bytes], bytes]
OTHER_RECORDS = ("Lead", "Contact", "Account", "Opportunity")
"""What a person's record may be or become in a CRM, whether or not the hub writes it."""


@dataclass(frozen=True)
class Found:
    """What a key leads to: a person with all leads, newest inquiry first, or source rows that became none."""

    person_id: str | None
    leads: list[Row]
    rows: list[SourceRow]
    chosen: str | None = None
    """The lead that the key itself names."""


def find(tx: Connection, catalog: Catalog, key: str, unseal: Unseal) -> Found:
    """Find who or what a key means: an e-mail address, a source's or a CRM's record id, a lead id or a person id.

    Raises:
        ConfigError: nothing in this hub has the key.
    """
    key = key.strip()
    if "@" in key:
        standard = catalog.contact_points.email
        address = emails.clean(key, standard).key or key.lower()
        person = people.find_key(tx, "email", address)
        found = _of_person(tx, catalog, person) if person else _of_sealed(tx, catalog, key, unseal)
    else:
        ways = (_of_lead, _of_person, _of_source, _of_record)
        found = next((one for one in (way(tx, catalog, key) for way in ways) if one), None)
    if found is None:
        raise ConfigError(
            "this hub has read nothing with this key; it takes an e-mail address, the id of a source's or the CRM's "
            "record, a lead id or a person id",
            key="KEY",
        )
    return found


def _of_lead(tx: Connection, catalog: Catalog, lead_id: str) -> Found | None:
    known = leads.get(tx, pl.Series([lead_id]))
    if known.is_empty():
        return None
    found = _of_person(tx, catalog, known["person_id"].item())
    return found and Found(found.person_id, found.leads, found.rows, chosen=lead_id)


def _of_person(tx: Connection, catalog: Catalog, person_id: str) -> Found | None:
    if people.get(tx, pl.Series([person_id])).is_empty():
        return None
    whose = pl.Series([person_id])
    mine = leads.of_people(tx, whose).sort("received_at", "created_at", descending=True, nulls_last=True).to_dicts()
    keys = people.keys_of(tx, whose).filter(pl.col("kind") == "source").sort("value")["value"].to_list()
    rows = [(source, stream, one) for source, stream, one in (key.split(":", 2) for key in keys)]
    return Found(person_id, mine, [row for row in rows if row[:2] in catalog.inquiries])


def _of_source(tx: Connection, catalog: Catalog, external_id: str) -> Found | None:
    """Find by the id of a record of a source, whether or not it became somebody's lead."""
    rows = story.was_read(tx, catalog.inquiries, external_id)
    for row in rows:
        person = people.find_key(tx, "source", ":".join(row))
        if person:
            return _of_person(tx, catalog, person)
    return Found(None, [], rows) if rows else None


def _of_record(tx: Connection, catalog: Catalog, record_id: str) -> Found | None:
    """Find by the id of a record of the CRM."""
    objects = {(one.connection, one.object) for one in catalog.targets.values()}
    systems = {name for name, _ in objects}
    objects |= {(name, other) for name in systems for other in OTHER_RECORDS}
    for one in story.linked(tx, sorted(objects), spellings(record_id)):
        if one["lead_id"]:
            return _of_lead(tx, catalog, one["lead_id"])
        if one["person_id"]:
            return _of_person(tx, catalog, one["person_id"])
    return None


def _of_sealed(tx: Connection, catalog: Catalog, address: str, unseal: Unseal) -> Found | None:
    """Find by an address that is nobody's key: of a row that was refused before it had a person, or a mistyped one."""
    wanted = address.lower()
    mappings = {pair: catalog.sources[pair].fields["email"].sources for pair in catalog.inquiries}
    for row, body in story.sealed(tx, catalog.inquiries):
        opened = unseal(body)
        if wanted.encode() not in opened.lower():
            continue
        values = json.loads(opened)
        if wanted in {str(values.get(name) or "").strip().lower() for name in mappings[row[0], row[1]]}:
            return _of_source(tx, catalog, row[2])
    return None

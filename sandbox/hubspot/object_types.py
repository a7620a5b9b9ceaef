"""The object types that the sandbox keeps, and the rules in which they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from sys import intern

from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.property_table import PropertyTable
from sandbox.hubspot.standard_objects import COMPANIES, DEALS, MEETINGS, NOTES, TASKS
from sandbox.hubspot.standard_properties import CONTACTS

Calculate = Callable[[int, Mapping[str, str]], dict[str, str]]


def _nothing(key: int, values: Mapping[str, str]) -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class ObjectType:
    """One of HubSpot's object types: how it is addressed and where it departs from the common rules [DOC]."""

    name: str
    singular: str
    type_id: str
    properties: PropertyTable
    shown: tuple[str, ...]  # by default, besides the system's three
    searched: tuple[str, ...]  # by the `query` of a search
    required: tuple[tuple[str, ...], ...] = ()  # on create, at least one of each
    calculated: Calculate = _nothing  # "" where there is nothing to derive it from
    unique: tuple[str, ...] = ()
    created: str = "createdate"
    modified: str = "hs_lastmodifieddate"

    @property
    def always(self) -> tuple[str, ...]:
        """The three properties that every reply carries."""
        return (self.created, "hs_object_id", self.modified)

    @property
    def title(self) -> str:
        """As error texts spell it."""
        return self.singular.upper()


def _contact(key: int, values: Mapping[str, str]) -> dict[str, str]:
    """What HubSpot derives and echoes on a create [REC]."""
    email = values.get("email", "")
    return {
        "hs_all_contact_vids": str(key),
        "hs_is_contact": "true",
        "hs_is_unworked": "false" if values.get("hs_lead_status") else "true",
        "hs_pipeline": "contacts-lifecycle-pipeline",
        # Interned: a hundred thousand people have a few hundred domains.
        "hs_email_domain": intern(email.rpartition("@")[2] if "@" in email else ""),
    }


def _company(key: int, values: Mapping[str, str]) -> dict[str, str]:
    return {"hs_pipeline": "companies-lifecycle-pipeline"}


def _deal(key: int, values: Mapping[str, str]) -> dict[str, str]:
    """The pipeline need not be named while there is only one [DOC]; which derived ones are echoed is [UNV]."""
    stage = values.get("dealstage", "")
    return {
        "pipeline": values.get("pipeline") or "default",
        "hs_is_closed": "true" if stage in ("closedwon", "closedlost") else "false",
        "hs_is_closed_won": "true" if stage == "closedwon" else "false",
    }


def _activity(name: str, singular: str, type_id: str, properties: PropertyTable, *searched: str) -> ObjectType:
    return ObjectType(
        name, singular, type_id, properties, (), searched, required=(("hs_timestamp",),), created="hs_createdate"
    )


_TYPES = (
    ObjectType(
        "contacts",
        "contact",
        "0-1",
        CONTACTS,
        shown=("email", "firstname", "lastname"),
        searched=("email", "firstname", "lastname", "phone", "company", "hs_object_id"),
        calculated=_contact,
        unique=("email",),
        modified="lastmodifieddate",
    ),
    ObjectType(
        "companies",
        "company",
        "0-2",
        COMPANIES,
        shown=("domain", "name"),
        searched=("name", "domain", "website", "phone", "hs_object_id"),
        required=(("name", "domain"),),
        calculated=_company,
    ),
    ObjectType(
        "deals",
        "deal",
        "0-3",
        DEALS,
        shown=("amount", "closedate", "dealname", "dealstage", "pipeline"),
        searched=("dealname", "description", "dealstage", "pipeline", "dealtype", "hs_object_id"),
        required=(("dealname",), ("dealstage",)),
        calculated=_deal,
    ),
    _activity("notes", "note", "0-46", NOTES, "hs_note_body"),
    _activity("tasks", "task", "0-27", TASKS, "hs_task_subject", "hs_task_body"),
    _activity("meetings", "meeting", "0-47", MEETINGS, "hs_meeting_title", "hs_meeting_body"),
)
OBJECT_TYPES = {kind.name: kind for kind in _TYPES}
_SPELLINGS = {spelling: kind for kind in _TYPES for spelling in (kind.name, kind.singular, kind.type_id)}
_NOT_SIMULATED = frozenset(
    """
    tickets ticket 0-5 calls call 0-48 emails email 0-49 marketing_events 0-54 leads lead 0-136 products line_items
    quotes
    """.split()
)


def resolve(text: str) -> ObjectType:
    """The type under its name, singular or id, in any case. Raises the 400, or an honest 501 for what exists."""
    spelling = text.lower()
    kind = _SPELLINGS.get(spelling)
    if kind is not None:
        return kind
    if spelling in _NOT_SIMULATED:
        raise HubSpotError(501, f"The sandbox does not simulate the object type {text}.", "NOT_SIMULATED")
    raise bad_request(f"Unable to infer object type from: {text}")

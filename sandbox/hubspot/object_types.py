"""The object types that the sandbox keeps, and the rules in which they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from sys import intern

from sandbox.hubspot import standard_minor as minor
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.property_table import PropertyTable
from sandbox.hubspot.standard_activities import CALLS, EMAILS, MEETINGS, NOTES, TASKS
from sandbox.hubspot.standard_objects import COMPANIES, DEALS, LEADS, LINE_ITEMS, PRODUCTS, QUOTES, TICKETS
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
    pipeline: str = ""  # the property that names the pipeline, where the type has pipelines
    stage: str = ""
    follows: Mapping[str, str] = field(default_factory=dict)  # calculated -> what an update must write to move it

    @property
    def always(self) -> tuple[str, ...]:
        """The three properties that every reply carries."""
        return (self.created, "hs_object_id", self.modified)

    @property
    def is_custom(self) -> bool:
        return self.type_id.startswith("2-")

    @property
    def title(self) -> str:
        """As error texts spell it."""
        return self.singular.upper()


def every_id(key: int, values: Mapping[str, str]) -> list[str]:
    """The record's id and those that were merged into it."""
    return [str(key), *filter(None, values.get("hs_merged_object_ids", "").split(";"))]


def _contact(key: int, values: Mapping[str, str]) -> dict[str, str]:
    """What HubSpot derives and echoes on a create [REC]."""
    email = values.get("email", "")
    return {
        "hs_all_contact_vids": ";".join(every_id(key, values)) if "hs_merged_object_ids" in values else str(key),
        "hs_is_contact": "true",
        "hs_is_unworked": "false" if values.get("hs_lead_status") else "true",
        "hs_pipeline": "contacts-lifecycle-pipeline",
        # Interned: a hundred thousand people have a few hundred domains.
        "hs_email_domain": intern(email.rpartition("@")[2] if "@" in email else ""),
    }


def _company(key: int, values: Mapping[str, str]) -> dict[str, str]:
    """A domain that comes without a website is taken for one [REC]."""
    return {"website": values["website"] if "website" in values else values.get("domain", "")}


def _activity(name: str, singular: str, type_id: str, properties: PropertyTable, *searched: str) -> ObjectType:
    return ObjectType(
        name, singular, type_id, properties, (), searched, required=(("hs_timestamp",),), created="hs_createdate"
    )


def _minor(name: str, singular: str, type_id: str, properties: PropertyTable, *required: tuple[str, ...]) -> ObjectType:
    return ObjectType(name, singular, type_id, properties, (), (), required=required, created="hs_createdate")


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
        follows={"hs_email_domain": "email", "hs_is_unworked": "hs_lead_status"},
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
        follows={"website": "domain"},
    ),
    ObjectType(
        "deals",
        "deal",
        "0-3",
        DEALS,
        shown=("amount", "closedate", "dealname", "dealstage", "pipeline"),
        searched=("dealname", "description", "dealstage", "pipeline", "dealtype", "hs_object_id"),
        required=(("dealname",), ("dealstage",)),
        pipeline="pipeline",
        stage="dealstage",
    ),
    _activity("notes", "note", "0-46", NOTES, "hs_note_body"),
    _activity("tasks", "task", "0-27", TASKS, "hs_task_subject", "hs_task_body"),
    _activity("meetings", "meeting", "0-47", MEETINGS, "hs_meeting_title", "hs_meeting_body"),
    _activity("calls", "call", "0-48", CALLS, "hs_call_title", "hs_body_preview"),
    _activity("emails", "email", "0-49", EMAILS, "hs_email_subject"),
    ObjectType(
        "tickets",
        "ticket",
        "0-5",
        TICKETS,
        shown=(
            *("content", "hs_pipeline", "hs_pipeline_stage"),
            *("hs_ticket_category", "hs_ticket_priority", "subject"),
        ),
        searched=("subject", "content", "hs_pipeline_stage", "hs_ticket_category", "hs_object_id"),
        required=(("subject",), ("hs_pipeline_stage",)),
        pipeline="hs_pipeline",
        stage="hs_pipeline_stage",
    ),
    ObjectType(
        "leads",
        "lead",
        "0-136",
        LEADS,
        shown=(),
        searched=("hs_lead_name",),
        required=(("hs_lead_name",),),
        created="hs_createdate",
        pipeline="hs_pipeline",
        stage="hs_pipeline_stage",
    ),
    ObjectType("products", "product", "0-7", PRODUCTS, ("description", "name", "price"), ("name", "hs_sku")),
    ObjectType("line_items", "line_item", "0-8", LINE_ITEMS, ("amount", "price", "quantity"), ("name", "hs_sku")),
    ObjectType(
        "quotes",
        "quote",
        "0-14",
        QUOTES,
        shown=("hs_expiration_date", "hs_public_url_key", "hs_status", "hs_title"),
        searched=("hs_title",),
        required=(("hs_title",), ("hs_expiration_date",)),
        created="hs_createdate",
    ),
    _activity("communications", "communication", "0-18", minor.COMMUNICATIONS, "hs_communication_body"),
    _activity("postal_mail", "postal_mail", "0-116", minor.POSTAL_MAIL, "hs_postal_mail_body"),
    # Nothing can make one: what it requires is read-only.
    _minor("feedback_submissions", "feedback_submission", "0-19", minor.FEEDBACK_SUBMISSIONS, ("hs_survey_id",)),
    _minor("goal_targets", "goal_target", "0-74", minor.GOAL_TARGETS),
    _minor("deal_splits", "deal_split", "0-72", minor.DEAL_SPLITS),
)
OBJECT_TYPES = {kind.name: kind for kind in _TYPES}
_SPELLINGS = {spelling: kind for kind in _TYPES for spelling in (kind.name, kind.singular, kind.type_id)}
_NOT_SIMULATED = frozenset(
    """
    marketing_events 0-54 invoices 0-53 orders 0-123
    carts 0-142 subscriptions 0-69 commerce_payments 0-101 discounts 0-84 fees 0-85 taxes 0-86 users 0-115
    appointments 0-421 courses 0-410 listings 0-420 services 0-162 projects 0-970
    """.split()
)


def is_taken(name: str) -> bool:
    """Whether HubSpot has a type of this name."""
    return name.lower() in _SPELLINGS or name.lower() in _NOT_SIMULATED


def resolve(text: str) -> ObjectType:
    """HubSpot's type under its name, singular or id, in any case; a portal's own ones are known to the portal.

    Raises the 400, or an honest 501 for what exists.
    """
    spelling = text.lower()
    kind = _SPELLINGS.get(spelling)
    if kind is not None:
        return kind
    if spelling in _NOT_SIMULATED:
        raise HubSpotError(501, f"The sandbox does not simulate the object type {text}.", "NOT_SIMULATED")
    raise bad_request(f"Unable to infer object type from: {text}")

"""Which scopes an endpoint asks of a token: one of several is enough, as in HubSpot's API descriptions [SPEC]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hubspot.errors import HubSpotError

if TYPE_CHECKING:
    from sandbox.hubspot.calls import Call, Way

_CRM = ("contacts", "companies", "deals", "leads", "custom", "line_items", "products", "quotes", "marketing_events")
_SCHEMAS = ("contacts", "companies", "deals", "custom")
_SHOWN = "https://developers.hubspot.com/scopes"

#: What the sandbox's own private app and OAuth app have.
ALL_SCOPES: tuple[str, ...] = (
    "oauth",
    "automation",
    "behavioral_events.event_definitions.read_write",
    "communication_preferences.read",
    "communication_preferences.read_write",
    "communication_preferences.write",
    "content",
    "crm.lists.read",
    "crm.lists.write",
    *(f"crm.objects.{name}.{deed}" for name in _CRM for deed in ("read", "write")),
    "crm.objects.owners.read",
    *(f"crm.schemas.{name}.{deed}" for name in _SCHEMAS for deed in ("read", "write")),
    "e-commerce",
    "forms",
    "sales-email-read",
    "settings.users.read",
    "settings.users.write",
    "tickets",
)

_OBJECTS = (("objects {object_type} read",), ("objects {object_type} write",))
_LINKS = (
    ("objects {object_type} read", "objects {to_type} read"),
    ("objects {object_type} write", "objects {to_type} write"),
)
_DEFINITIONS = (("schemas {object_type} read", "objects {object_type} read"), ("schemas {object_type} write",))
_EVENTS = (("crm.objects.marketing_events.read",), ("crm.objects.marketing_events.write",))

# Beginning of the path: scopes to read, scopes to write. The first that fits counts.
_BY_PATH: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("/crm/v3/lists", ("crm.lists.read",), ("crm.lists.write",)),
    ("/crm/v3/owners", ("crm.objects.owners.read",), ()),
    ("/owners/v2", ("crm.objects.owners.read",), ()),
    ("/crm/v3/properties", *_DEFINITIONS),
    ("/crm/v3/pipelines", *_DEFINITIONS),
    ("/properties/v2/{object_type}", *_DEFINITIONS),
    ("/crm-pipelines/v1", *_DEFINITIONS),
    ("/crm/v3/schemas", ("crm.schemas.custom.read", "crm.objects.custom.read"), ("crm.schemas.custom.write",)),
    ("/settings/v3/users", ("settings.users.read",), ("settings.users.write",)),
    ("/crm/v4/", *_LINKS),
    ("/crm/v3/associations", *_LINKS),
    ("/crm/v3/objects/{object_type}/{object_id}/associations", *_LINKS),
    ("/crm/v3/objects/{object_type}", *_OBJECTS),
    ("/marketing/v3/forms", ("forms",), ("forms",)),
    ("/form-integrations", ("forms",), ("forms",)),
    ("/marketing/v3/marketing-events", *_EVENTS),
    ("/marketing/marketing-events", *_EVENTS),
    (
        "/communication-preferences",
        ("communication_preferences.read", "communication_preferences.read_write"),
        ("communication_preferences.write", "communication_preferences.read_write"),
    ),
    ("/email/public", ("content",), ("content",)),
)
# Of activities those of contacts do, tickets have one for both deeds, and some older scopes do as well [SPEC].
_OF_CONTACTS = frozenset(("notes", "tasks", "calls", "meetings", "emails"))
_OLDER = {"emails": "sales-email-read", "line_items": "e-commerce", "products": "e-commerce", "quotes": "e-commerce"}


def stated(way: Way) -> tuple[str, ...]:
    """What the way asks for itself, or what its path has in the table."""
    if way.scopes:
        return way.scopes
    reads = way.method == "GET" or way.tail.endswith(("/search", "/read"))
    for beginning, to_read, to_write in _BY_PATH:
        if (way.prefixes[0] + way.tail).startswith(beginning):
            return to_read if reads else to_write
    return ()


def check(granted: frozenset[str], asked: tuple[str, ...], call: Call) -> None:
    """Raise the 403 unless one of the scopes is granted."""
    wanted = [scope for text in asked for scope in _spelled(text, call)]
    if not wanted or not granted.isdisjoint(wanted):
        return
    raise HubSpotError(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
        f"{_SHOWN}.",
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(dict.fromkeys(wanted))},
            }
        ],
        links={"scopes": _SHOWN},
    )


def _spelled(text: str, call: Call) -> list[str]:
    """`objects {object_type} read` for what the path names; a scope that is whole stays as it is."""
    parts = text.split(" ")
    if len(parts) == 1:
        return [text]
    area, part, deed = parts
    name = call.store_of(call.path[part.strip("{}")]).kind.name
    if name == "tickets":
        return ["tickets"]
    older = [_OLDER[name]] if name in _OLDER and area == "objects" else []
    if name in _OF_CONTACTS:
        name = "contacts"
    return [f"crm.{area}.{name if name in _CRM else 'custom'}.{deed}", *older]

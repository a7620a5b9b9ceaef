"""POST /gdpr-delete: a contact is gone for good, or an address that nobody has is never to be taken in."""

from __future__ import annotations

from sandbox.hubspot.calls import Call, Reply, Way
from sandbox.hubspot.errors import bad_request, not_found
from sandbox.hubspot.objects import OBJECTS


def gdpr_delete(call: Call) -> Reply:
    """Contacts only, archived ones too. An unknown e-mail is blocklisted [SPEC]; an unknown id is a 404 [UNV]."""
    store, body = call.store, call.body
    if store.kind.name != "contacts":
        raise bad_request(f"Objects of type {store.kind.title} cannot be deleted for privacy reasons.")
    identifier = body.get("objectId") if isinstance(body, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise bad_request("Invalid input JSON: required field 'objectId' is missing", context={"field": ["objectId"]})
    id_property = body.get("idProperty")
    record = store.lookup(identifier, id_property)
    if record is not None:
        store.purge(record)
        call.portal.marketing.purge(record)
    elif id_property == "email":
        call.portal.blocked_emails.add(identifier.strip().lower())
    else:
        raise not_found(identifier)
    return 204, None


WAYS = [Way("POST", OBJECTS, "/gdpr-delete", gdpr_delete)]

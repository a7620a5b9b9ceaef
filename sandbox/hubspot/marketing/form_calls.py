"""The forms API: list, read, create, change, replace, archive."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.calls import Call, Reply, Way, next_page, page_size
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.marketing.forms import FORM_TYPES

DEFAULT_LIST, MAX_LIST = 20, 100


def list_forms(call: Call) -> Reply:
    """By default HubSpot's own forms only [SPEC]; in order of id [UNV]."""
    wanted = set(call.names("formTypes")) or {"hubspot"}
    if wanted - set(FORM_TYPES):
        raise bad_request(f"Invalid formTypes: {', '.join(sorted(wanted))}", context={"formTypes": sorted(wanted)})
    limit, after, archived = page_size(call, DEFAULT_LIST, MAX_LIST), call.query.get("after", ""), call.flag("archived")
    forms = [
        form
        for key, form in sorted(call.portal.marketing.forms.definitions.items())
        if key > after and form["archived"] == archived and ("all" in wanted or form["formType"] in wanted)
    ]
    body: dict[str, Any] = {"results": forms[:limit]}
    if len(forms) > limit:
        body["paging"] = next_page(call, forms[limit - 1]["id"])
    return 200, body


def read_form(call: Call) -> Reply:
    return 200, call.portal.marketing.forms.find(call.path["form"], archived=call.flag("archived"))


def create_form(call: Call) -> Reply:
    return 201, call.portal.marketing.forms.create(call.body)


def replace_form(call: Call) -> Reply:
    return 200, call.portal.marketing.forms.replace(call.path["form"], call.body)


def change_form(call: Call) -> Reply:
    return 200, call.portal.marketing.forms.change(call.path["form"], call.body)


def archive_form(call: Call) -> Reply:
    call.portal.marketing.forms.archive(call.path["form"])
    return 204, None


# The only dated path that the specification has is a beta.
_FORMS = ("/marketing/v3/forms", "/marketing/forms/2026-09-beta")
WAYS = [
    Way("GET", _FORMS, "", list_forms),
    Way("GET", _FORMS, "/", list_forms),  # the official client's spelling
    Way("POST", _FORMS, "", create_form),
    Way("POST", _FORMS, "/", create_form),
    Way("GET", _FORMS, "/{form}", read_form),
    Way("PUT", _FORMS, "/{form}", replace_form),
    Way("PATCH", _FORMS, "/{form}", change_form),
    Way("DELETE", _FORMS, "/{form}", archive_form),
]

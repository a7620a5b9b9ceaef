"""Submitting to a form, as a website's server does or anybody, and reading what was submitted.

The real submissions go to a host of their own, api.hsforms.com; here it is the same port.
"""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.calls import Call, Reply, Way, next_page, page_size
from sandbox.hubspot.marketing.forms import Definition
from sandbox.hubspot.marketing.requests import Mark, read_mark
from sandbox.hubspot.marketing.submission_rules import SubmissionRefused
from sandbox.hubspot.marketing.submissions import Submission
from sandbox.hubspot.store import PORTAL_ID

DEFAULT_LIST, MAX_LIST = 20, 50


def submit_secure(call: Call) -> Reply:
    return _submit(call, secure=True)


def submit(call: Call) -> Reply:
    """Without a token: only fields that the form has [DOC]."""
    return _submit(call, secure=False)


def _submit(call: Call, *, secure: bool) -> Reply:
    form = _form(call)
    if not isinstance(call.body, dict):
        raise SubmissionRefused(400, ("INVALID_METADATA", "The body is an object"))
    call.portal.marketing.submissions.submit(form, call.body, secure=secure)
    action = form["configuration"]["postSubmitAction"]
    return 200, {"redirectUri" if action["type"] == "redirect_url" else "inlineMessage": action["value"]}


def _form(call: Call) -> Definition:
    """An archived form takes nothing any more [SPEC]; the refusal is [UNV]."""
    form = call.portal.marketing.forms.definitions.get(call.path["form"].lower())
    if form is None or form["archived"] or call.path["portal"] != str(PORTAL_ID):
        raise SubmissionRefused(404, ("FORM_NOT_FOUND", f"No form with guid {call.path['form']} in this portal"))
    return form


def list_submissions(call: Call) -> Reply:
    """Newest first, and no word of the contact."""
    form = call.portal.marketing.forms.find(call.path["form"])
    limit, after = page_size(call, DEFAULT_LIST, MAX_LIST), call.query.get("after")
    log = call.portal.marketing.submissions.of_form.get(form["id"])
    found = log.newest_first(beyond=read_mark(after) if after else None) if log is not None else iter(())
    page = [one for one, _ in zip(found, range(limit + 1), strict=False)]
    body: dict[str, Any] = {"results": [_public(one) for one in page[:limit]]}
    if len(page) > limit:
        body["paging"] = next_page(call, Mark(page[limit - 1].at, page[limit - 1].number).token())
    return 200, body


def _public(one: Submission) -> dict[str, Any]:
    values = [{"name": name, "value": value, "objectTypeId": kind} for name, value, kind in one.values]
    return {"submittedAt": one.at, "values": values, "pageUrl": one.page}


_SUBMIT = ("/submissions/v3/integration",)
WAYS = [
    Way("POST", _SUBMIT, "/secure/submit/{portal}/{form}", submit_secure, scopes=("forms",)),
    Way("POST", _SUBMIT, "/submit/{portal}/{form}", submit, open=True),
    Way("GET", ("/form-integrations/v1/submissions/forms",), "/{form}", list_submissions),
]

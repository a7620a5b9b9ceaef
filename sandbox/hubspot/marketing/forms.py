"""Form definitions: what makes one, what a request for one must bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from sandbox.clock import iso_ms
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.marketing.requests import attributes, missing
from sandbox.hubspot.object_types import resolve

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

FORM_TYPES = ("hubspot", "captured", "flow", "blog_comment", "all")
ENUMERATED = frozenset(("dropdown", "radio", "multiple_checkboxes", "payment_link_radio"))
FIELD_TYPES = ENUMERATED | frozenset(
    "email phone mobile_phone single_line_text multi_line_text number single_checkbox datepicker file".split()
)
LEGAL_TYPES = ("none", "legitimate_interest", "explicit_consent_to_process", "implicit_consent_to_process")
CHANGEABLE = ("name", "archived", "configuration", "displayOptions", "fieldGroups", "legalConsentOptions")
_GUIDS = UUID("5f1d0c36-53a1-4f2e-9b0a-6d6f6c6f726d")
Definition = dict[str, Any]


class Forms:
    """The forms of a portal by id, archived ones among them."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.definitions: dict[str, Definition] = {}

    def load(self, seeds: Iterable[Mapping[str, Any]]) -> None:
        """Take forms as the API shows them; what a seed leaves out is as in a new form."""
        stamp = iso_ms(self._portal.clock.now_ms())
        for seed in seeds:
            merged = {**_NEW, "createdAt": stamp, "updatedAt": stamp, **seed, "id": str(seed["id"])}
            for part, whole in (("configuration", _CONFIGURATION), ("displayOptions", _DISPLAY)):
                merged[part] = {**whole, **merged[part]}
            merged["fieldGroups"] = [_group(one) for one in merged["fieldGroups"]]
            self.definitions[merged["id"]] = merged

    def find(self, key: str, *, archived: bool | None = None) -> Definition:
        """Raises the 404; `archived` None takes either."""
        form = self.definitions.get(key.lower()) or self.definitions.get(key)
        if form is None or (archived is not None and form["archived"] != archived):
            raise missing("Form", key)
        return form

    def create(self, body: Any) -> Definition:
        given = self._checked(body, "HubSpotFormDefinitionCreateRequest")
        stamp = iso_ms(self._portal.clock.now_ms())
        key = str(uuid5(_GUIDS, str(len(self.definitions))))
        form = {**_NEW, **given, "id": key, "archived": False, "createdAt": stamp, "updatedAt": stamp}
        self.definitions[key] = form
        return form

    def replace(self, key: str, body: Any) -> Definition:
        """PUT: every part anew; id and creation stay."""
        before = self.find(key, archived=False)
        given = self._checked(body, "HubSpotFormDefinition")
        return self._keep({**before, **{name: given[name] for name in CHANGEABLE}})

    def change(self, key: str, body: Any) -> Definition:
        """PATCH: the parts that are given, each as a whole [SPEC]."""
        before = self.find(key, archived=False)
        given = attributes(body, "HubSpotFormDefinitionPatchRequest")
        self._check_parts(given)
        return self._keep({**before, **{name: given[name] for name in CHANGEABLE if given.get(name) is not None}})

    def archive(self, key: str) -> None:
        form = self.find(key)
        if not form["archived"]:
            self._keep({**form, "archived": True, "archivedAt": iso_ms(self._portal.clock.now_ms())})

    def dump(self, *, times: bool) -> list[Definition]:
        left_out = frozenset(() if times else ("createdAt", "updatedAt", "archivedAt"))
        return [
            {name: value for name, value in form.items() if name not in left_out}
            for _, form in sorted(self.definitions.items())
        ]

    def _keep(self, form: Definition) -> Definition:
        form["fieldGroups"] = [_group(one) for one in form["fieldGroups"]]
        self.definitions[form["id"]] = {**form, "updatedAt": iso_ms(self._portal.clock.now_ms())}
        return self.definitions[form["id"]]

    # -- what a request must bring -------------------------------------------------------------------------------

    def _checked(self, body: Any, model: str) -> Definition:
        given = attributes(body, model, "formType", "createdAt", "updatedAt", *CHANGEABLE)
        if given["formType"] != "hubspot":
            raise bad_request(f"Invalid formType: {given['formType']}", context={"formType": [str(given["formType"])]})
        self._check_parts(given)
        return {name: given[name] for name in ("formType", *CHANGEABLE)} | {
            "fieldGroups": [_group(one) for one in given["fieldGroups"]]
        }

    def _check_parts(self, given: Mapping[str, Any]) -> None:
        if "configuration" in given:
            attributes(given["configuration"], "HubSpotFormConfiguration", *_REQUIRED_CONFIGURATION)
        if "displayOptions" in given:
            options = attributes(given["displayOptions"], "FormDisplayOptions", *_REQUIRED_DISPLAY)
            attributes(options["style"], "FormStyle", *_DISPLAY["style"])
        if "legalConsentOptions" in given:
            legal = attributes(given["legalConsentOptions"], "LegalConsentOptions", "type")
            if legal["type"] not in LEGAL_TYPES:
                raise bad_request(f"Invalid legal consent type: {legal['type']}")
        groups = given.get("fieldGroups") or []
        if not isinstance(groups, list):
            raise bad_request("Invalid input JSON: 'fieldGroups' is a list")
        for group in groups:
            for field in attributes(group, "FieldGroup", "groupType", "fields")["fields"]:
                self._check_field(field)

    def _check_field(self, field: Any) -> None:
        required = ("objectTypeId", "name", "label", "required", "hidden", "fieldType")
        given = attributes(field, "FormField", *required)
        if given["fieldType"] not in FIELD_TYPES:
            raise bad_request(f"Invalid fieldType: {given['fieldType']}", context={"fieldType": [given["fieldType"]]})
        if given["fieldType"] in ENUMERATED:
            attributes(field, "EnumeratedField", "options")
        if given["fieldType"] == "email":
            attributes(field, "EmailField", "validation")
        # That a field of a property which does not exist is refused, and how, is [UNV].
        schema = self._portal.stores[resolve(str(given["objectTypeId"])).name].schema
        if given["name"] not in schema.definitions:
            message = f'Property "{given["name"]}" does not exist'
            raise bad_request(message, context={"propertyName": [str(given["name"])]})


def fields_of(form: Definition) -> Iterator[tuple[str, Definition]]:
    """The form's fields, dependent ones among them, each under the name that error texts give it."""
    pending = [field for group in form["fieldGroups"] for field in group["fields"]]
    while pending:
        field = pending.pop(0)
        yield field_name(field["objectTypeId"], field["name"]), field
        pending += [one["dependentField"] for one in field["dependentFields"]]


def field_name(object_type: str, name: str) -> str:
    """Contact properties by their name alone, those of other objects with the type before it [3P]."""
    return name if object_type == "0-1" else f"{object_type}/{name}"


def _group(group: Mapping[str, Any]) -> Definition:
    return {"richTextType": "text", **group, "fields": [_field(field) for field in group["fields"]]}


def _field(field: Mapping[str, Any]) -> Definition:
    made = {"hidden": False, "required": False, "objectTypeId": "0-1", "dependentFields": [], **field}
    if made["fieldType"] == "email":
        made = {"validation": {"blockedEmailDomains": [], "useDefaultBlockList": False}, **made}
    elif made["fieldType"] in ("phone", "mobile_phone"):
        made = {"validation": {"minAllowedDigits": 7, "maxAllowedDigits": 20}, **made}
        if made["fieldType"] == "phone":
            made = {"useCountryCodeSelect": False, **made}
    elif made["fieldType"] in ENUMERATED:
        options = [{"displayOrder": place, **option} for place, option in enumerate(made.get("options") or [])]
        made = {"defaultValues": [], **made, "options": options}
    return made


_CONFIGURATION: Definition = {
    "language": "en",
    "cloneable": True,
    "postSubmitAction": {"type": "thank_you", "value": "Thanks for submitting the form."},
    "editable": True,
    "archivable": True,
    "recaptchaEnabled": False,
    "notifyContactOwner": False,
    "notifyRecipients": [],
    "createNewContactForNewEmail": False,
    "prePopulateKnownValues": True,
    "allowLinkToResetKnownValues": False,
    "lifecycleStages": [],
}
_DISPLAY: Definition = {
    "renderRawHtml": False,
    "theme": "default_style",
    "submitButtonText": "Submit",
    "style": {
        "fontFamily": "arial, helvetica, sans-serif",
        "backgroundWidth": "100%",
        "labelTextColor": "#33475b",
        "labelTextSize": "14px",
        "helpTextColor": "#7c98b6",
        "helpTextSize": "11px",
        "legalConsentTextColor": "#33475b",
        "legalConsentTextSize": "14px",
        "submitColor": "#ff7a59",
        "submitAlignment": "left",
        "submitFontColor": "#ffffff",
        "submitSize": "12px",
    },
}
_REQUIRED_CONFIGURATION = tuple(_CONFIGURATION)
_REQUIRED_DISPLAY = tuple(_DISPLAY)
_NEW: Definition = {
    "formType": "hubspot",
    "name": "",
    "archived": False,
    "fieldGroups": [],
    "configuration": {},
    "displayOptions": {},
    "legalConsentOptions": {"type": "none"},
}

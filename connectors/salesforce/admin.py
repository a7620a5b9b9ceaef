"""Setting an org up: fields that the mappings need, and the right to write them.

A field made through the API is visible to nobody, not even to its maker, so creating is always followed by a grant:
the permission set ``Crosswalk_Integration``, held by the run-as user.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from connectors.salesforce import fields
from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.soql import name, quote, select
from crosswalk.errors import ConfigError, RecordError, TerminalError
from crosswalk.ports import FieldReport, FieldSpec

PERMISSION_SET = "Crosswalk_Integration"
EXISTS = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})


class SalesforceAdmin:
    """Schema administration."""

    def __init__(self, session: SalesforceSession) -> None:
        self._session = session

    def check(self, specs: Sequence[FieldSpec]) -> list[FieldReport]:
        """Compare the org's fields with what is needed; one call for each object."""
        described = {table: self._describe(table) for table in dict.fromkeys(spec.object for spec in specs)}
        return [fields.compare(spec, described[spec.object].get(spec.name)) for spec in specs]

    def create(self, specs: Sequence[FieldSpec]) -> list[FieldReport]:
        """Create missing custom fields and grant the run-as user their use; a second run writes nothing.

        Fields that exist are never altered: what is wrong with them is for their owner to change.
        """
        before = self.check(specs)
        trouble = [report for report in before if report.state != "present" and report.spec.custom]
        if not trouble:
            return before
        refused: dict[tuple[str, str], str] = {}
        made: set[tuple[str, str]] = set()
        for spec in (report.spec for report in trouble if report.state == "missing"):
            if why := self._make(spec):
                refused[spec.object, spec.name] = why
            else:
                made.add((spec.object, spec.name))
        wanted = [report.spec for report in trouble if (report.spec.object, report.spec.name) not in refused]
        if why := self._grant(wanted):
            refused |= {(spec.object, spec.name): why for spec in wanted}
        return [_outcome(report, made, refused) for report in self.check(specs)]

    def _describe(self, table: str) -> dict[str, dict[str, Any]]:
        """Return an object's fields by name, as the run-as user sees them."""
        answer = getattr(self._session.rest, name(table)).describe()
        return {str(field["name"]): field for field in answer["fields"]}

    def _make(self, spec: FieldSpec) -> str:
        """Create a field; returns why not, if the vendor refuses."""
        return self._post("tooling/sobjects/CustomField", fields.definition(spec))[1]

    def _grant(self, specs: Sequence[FieldSpec]) -> str:
        """Let the run-as user read and edit fields, through a permission set of our own; returns why not, if so."""
        if not specs:
            return ""
        holder, why = self._permission_set()
        if not holder:
            return why
        held = {row["Field"] for row in self._rows("FieldPermissions", ("Field",), f"ParentId = {quote(holder)}")}
        rights = {"ParentId": holder, "PermissionsRead": True, "PermissionsEdit": True}
        for spec in specs:
            field = f"{spec.object}.{spec.name}"
            if field not in held:
                right = {**rights, "SobjectType": spec.object, "Field": field}
                why = self._post("sobjects/FieldPermissions", right)[1] or why
        user = str(orjson.loads(self._session.call("GET", "/services/oauth2/userinfo").content)["user_id"])
        held_by = f"PermissionSetId = {quote(holder)} AND AssigneeId = {quote(user)}"
        if not self._rows("PermissionSetAssignment", ("Id",), held_by):
            assignment = {"PermissionSetId": holder, "AssigneeId": user}
            why = self._post("sobjects/PermissionSetAssignment", assignment)[1] or why
        return why

    def _permission_set(self) -> tuple[str, str]:
        """Return the id of our permission set, made if need be, or why there is none."""
        named = f"Name = {quote(PERMISSION_SET)}"
        found = self._rows("PermissionSet", ("Id",), named)
        if found:
            return str(found[0]["Id"]), ""
        return self._post("sobjects/PermissionSet", {"Name": PERMISSION_SET, "Label": "Crosswalk Integration"})

    def _rows(self, table: str, columns: Sequence[str], where: str) -> list[dict[str, Any]]:
        """All rows of a small query."""
        return [row for page in self._session.query(select(table, columns, f"WHERE {where}")) for row in page]

    def _post(self, path: str, record: dict[str, Any]) -> tuple[str, str]:
        """Create one record; returns its id, or why the vendor refused. One that exists already is no refusal."""
        try:
            answer = orjson.loads(self._session.call("POST", path, orjson.dumps(record)).content)
        except ConfigError as error:
            return "", error.message
        except (RecordError, TerminalError) as error:
            return "", "" if error.code in EXISTS else str(error)
        return str(answer["id"]), ""


def _outcome(report: FieldReport, made: set[tuple[str, str]], refused: dict[tuple[str, str], str]) -> FieldReport:
    """Say what became of one field."""
    key = (report.spec.object, report.spec.name)
    if report.state == "present":
        return FieldReport(report.spec, "created") if key in made else report
    if key in refused:
        return FieldReport(report.spec, report.state, f"{refused[key]}. {report.advice}")
    return report

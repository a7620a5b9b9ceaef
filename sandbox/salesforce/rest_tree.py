"""composite/tree: records with their children below them, created all together or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce.call import Call, Json, call_of, json_body
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field
from sandbox.salesforce.rest_meta import V
from sandbox.salesforce.schema import View
from sandbox.salesforce.writes import insert, prepare

_Placed = tuple[View, dict[str, Any], str | None, Field | None]
_RECORDS, _LEVELS, _TYPES = 200, 5, 5  # [DOC]


@dataclass(frozen=True)
class Node:
    """One record of a tree, with the field that ties it to the record above it."""

    view: View
    reference: str
    fields: dict[str, Any]
    parent: str | None = None
    link: Field | None = None


async def tree(request: Request) -> Response:
    """201 with the new ids by reference, or 400 with the errors; the records of a level are done before the next."""
    call = call_of(request)
    records = (await json_body(request)).get("records")
    levels = list(_levels(call, records))
    nodes = [node for level in levels for node in level]
    if len(nodes) > _RECORDS or len({node.view.kind.name for node in nodes}) > _TYPES:
        raise SalesforceError("INVALID_INPUT", f"A tree has at most {_RECORDS} records of {_TYPES} types")  # [UNV]
    names = [node.reference for node in nodes]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        text = "Duplicate ReferenceId provided in the request."
        wrong = SalesforceError("INVALID_INPUT", text, [])  # [3P]
        return _refused([(name, wrong) for name in twice])
    made: dict[str, str] = {}
    errors: list[tuple[str, SalesforceError]] = []
    with call.org.all_or_none() as failed:
        for level in levels:
            for node in level:
                try:
                    made[node.reference] = _create(call, node, made)
                except SalesforceError as wrong:
                    errors.append((node.reference, wrong))
            if errors:
                failed.append(True)
                break
    if errors:
        return _refused(errors)
    return Json({"hasErrors": False, "results": [{"referenceId": name, "id": made[name]} for name in names]}, 201)


def _refused(errors: list[tuple[str, SalesforceError]]) -> Response:
    shown = [{"referenceId": name, "errors": error.row_errors()} for name, error in errors]
    return Json({"hasErrors": True, "results": shown}, 400)


def _levels(call: Call, records: Any) -> Iterator[list[Node]]:
    """The tree level by level. The records of the first are of the object that the path names."""
    view = call.view()
    level: list[_Placed] = [(view, record, None, None) for record in _listed(records)]
    for _ in range(_LEVELS):
        nodes: list[Node] = []
        below: list[_Placed] = []
        for kind, record, parent, link in level:
            attributes = record.get("attributes") or {}
            if attributes.get("type") != kind.kind.name or not attributes.get("referenceId"):
                text = f"Each record needs attributes with the type {kind.kind.name} and a referenceId"
                raise SalesforceError("INVALID_INPUT", text)  # [UNV]
            reference, children = str(attributes["referenceId"]), call.org.children(kind.kind.name)
            fields: dict[str, Any] = {}
            for name, value in record.items():
                relation = children.get(name.lower())
                if relation is None or not isinstance(value, dict):
                    fields[name] = value
                    continue
                child, field = relation
                below += [(call.org.view(child), row, reference, field) for row in _listed(value.get("records"))]
            nodes.append(Node(kind, reference, fields, parent, link))
        yield nodes
        if not below:
            return
        level = below
    raise SalesforceError("INVALID_INPUT", f"A tree has at most {_LEVELS} levels")


def _listed(records: Any) -> list[dict[str, Any]]:
    if not isinstance(records, list) or not records or not all(isinstance(r, dict) for r in records):
        raise SalesforceError("INVALID_INPUT", "Records list can not be empty.")
    return records


def _create(call: Call, node: Node, made: dict[str, str]) -> str:
    values = prepare(call.org, node.view, node.fields, True)
    if node.parent is not None and node.link is not None:
        values[node.link.name] = made[node.parent]
    return insert(call.org, node.view, values, call.org.stamp(), call.rule(), how=call.duplicates())


ROUTES = [Route(f"{V}/composite/tree/{{object}}{slash}", tree, methods=["POST"]) for slash in ("", "/")]

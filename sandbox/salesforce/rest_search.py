"""search and parameterizedSearch."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce import sosl
from sandbox.salesforce.call import Call, Json, call_of, json_body
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.rest_meta import V
from sandbox.salesforce.sosl_terms import RESERVED

_KEPT = '*?"'  # what is not taken literally in a parameter search
_GROUPS = ("ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR")
_GLOBAL = ("q", "in", "fields", "sobjects", "defaultLimit", "overallLimit")
_OWN = ("name", "fields", "where", "orderBy", "limit")


async def search(request: Request) -> Response:
    call = call_of(request)
    return _reply(call, sosl.run(call.org, request.query_params.get("q", ""), call.version))


async def with_parameters(request: Request) -> Response:
    call = call_of(request)
    if float(call.version) < 36:
        raise not_found()  # since version 36.0 [DOC]
    asked = await json_body(request) if request.method == "POST" else _from_query(request)
    return _reply(call, sosl.run(call.org, _as_sosl(asked), call.version))


def _reply(call: Call, records: list[dict[str, Any]]) -> Response:
    """An object since version 37.0, a bare list before [DOC]."""
    return Json(records if float(call.version) < 37 else {"searchRecords": records})


def _from_query(request: Request) -> dict[str, Any]:
    """The parameters of a GET as a POST has them: Account.limit=10 belongs to sobject=Account."""
    asked: dict[str, Any] = {}
    names: list[str] = []
    own: dict[str, dict[str, Any]] = {}
    for key, value in request.query_params.multi_items():
        name, dot, option = key.rpartition(".")
        content: Any = value.split(",") if option == "fields" else value
        if dot:
            own.setdefault(name.lower(), {})[option] = content
        elif key.lower() == "sobject":
            names += value.split(",")
        else:
            asked[key] = content
    stray = own.keys() - {name.lower() for name in names}
    if stray:
        raise _bad(f"{', '.join(sorted(stray))} is not among the sobjects")
    if names:
        asked["sobjects"] = [{"name": name, **own.get(name.lower(), {})} for name in names]
    return asked


def _as_sosl(asked: dict[str, Any]) -> str:
    """The search that the parameters stand for. What they refuse has words of our own [UNV]."""
    objects = asked.get("sobjects") or []
    strange = asked.keys() - set(_GLOBAL)
    if not isinstance(objects, list) or not all(isinstance(one, dict) and one.get("name") for one in objects):
        raise _bad("sobjects is a list of objects with a name")
    strange |= {key for one in objects for key in one.keys() - set(_OWN)}
    if strange:
        raise _bad(f"not known or not simulated: {', '.join(sorted(strange))}")
    term, group = str(asked.get("q") or ""), str(asked.get("in", "ALL")).upper()
    if group not in _GROUPS:
        raise _bad(f"in is one of {', '.join(_GROUPS)}")
    if not objects and not asked.keys().isdisjoint(("fields", "defaultLimit")):
        raise _bad("at least one sobject must be specified")  # that it must [DOC]
    literal = "".join(f"\\{c}" if c in RESERVED and c not in _KEPT else c for c in term)
    text = f"FIND {{{literal}}} IN {group} FIELDS"
    if objects:
        text += " RETURNING " + ", ".join(_returning(one, asked) for one in objects)
    return text + (f" LIMIT {asked['overallLimit']}" if "overallLimit" in asked else "")


def _returning(one: dict[str, Any], asked: dict[str, Any]) -> str:
    fields = one.get("fields", asked.get("fields")) or ["Id"]
    if not isinstance(fields, list):
        raise _bad("fields is a list of names")
    limit = one.get("limit", asked.get("defaultLimit"))
    clauses = (("WHERE", one.get("where")), ("ORDER BY", one.get("orderBy")), ("LIMIT", limit))
    tail = "".join(f" {word} {value}" for word, value in clauses if value is not None)
    return f"{one['name']}({', '.join(map(str, fields))}{tail})"


def _bad(message: str) -> SalesforceError:
    return SalesforceError("MALFORMED_SEARCH", message)


ROUTES = [
    *(Route(V + "/search" + slash, search, methods=["GET"]) for slash in ("", "/")),
    *(Route(V + "/parameterizedSearch" + slash, with_parameters, methods=["GET", "POST"]) for slash in ("", "/")),
]

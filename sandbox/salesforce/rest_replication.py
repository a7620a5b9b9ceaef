"""getUpdated and getDeleted: what changed in a window of time."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce.call import Call, Json, call_of
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.rest_meta import V
from sandbox.salesforce.stamps import stamp

_MOST_IDS = 600_000  # that getUpdated returns [DOC]


async def updated(request: Request) -> Response:
    """Changed records of a window, getUpdated: ids with a SystemModstamp in the window; seconds are ignored [DOC]."""
    call = call_of(request)
    start, end = call.window()
    table = call.org.tables[call.view().kind.name]
    ids = []
    for key in table.since(start):
        record = table.rows[key]
        if record["SystemModstamp"] >= end:
            break
        if not record.get("IsDeleted"):
            ids.append(key)
    if len(ids) > _MOST_IDS:
        raise SalesforceError("EXCEEDED_ID_LIMIT", f"cannot return more than {_MOST_IDS} ids")  # [DOC], text [UNV]
    return Json({"ids": sorted(ids), "latestDateCovered": _covered(call, end)})


async def deleted(request: Request) -> Response:
    """Deleted records of a window, getDeleted: also those that left the recycle bin, for 15 days [DOC]."""
    call = call_of(request)
    start, end = call.window()
    name, earliest = call.view().kind.name, stamp(call.org.clock.now() - timedelta(days=15))
    binned = [(key, str(r["SystemModstamp"])) for key, r in call.org.tables[name].rows.items() if r.get("IsDeleted")]
    gone = [
        {"id": key, "deletedDate": when}
        for key, when in sorted([*binned, *call.org.purged.get(name, ())], key=lambda entry: (entry[1], entry[0]))
        if max(start, earliest) <= when < end
    ]
    covered = _covered(call, end)
    return Json({"deletedRecords": gone, "earliestDateAvailable": earliest, "latestDateCovered": covered})


def _covered(call: Call, end: str) -> str:
    """Up to when the answer is complete: never later than now."""
    return min(end, call.org.stamp()[:17] + "00.000+0000")


ROUTES = [
    Route(f"{V}/sobjects/{{object}}/{name}{slash}", handler, methods=["GET"])
    for name, handler in (("updated", updated), ("deleted", deleted))
    for slash in ("", "/")
]

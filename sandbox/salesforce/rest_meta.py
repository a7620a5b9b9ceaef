"""OAuth, versions, limits, describes and queries."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce import cursors, soql_run
from sandbox.salesforce.auth import OAuthError, check_client
from sandbox.salesforce.call import Call, Json, call_of, org_of
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.schema import describe_object
from sandbox.salesforce.stamps import stamp

FIRST_VERSION, LAST_VERSION = 31, 67  # v21-v30 are retired [DOC]
_MOST_IDS = 600_000  # that getUpdated returns [DOC]
_SEASONS = ("Spring", "Summer", "Winter")
_RESOURCES = ("composite", "jobs", "limits", "query", "queryAll", "sobjects", "tooling")


def _release(version: int) -> str:
    """Spring '24 is v60, Summer '24 v61, Winter '25 v62, and so on."""
    season = (version - 60) % 3
    year = 24 + (version - 60) // 3 + (1 if season == 2 else 0)
    return f"{_SEASONS[season]} '{year:02d}"


async def versions(request: Request) -> Response:
    numbers = range(FIRST_VERSION, LAST_VERSION + 1)
    return Json([{"label": _release(n), "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in numbers])


def _host(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host') or request.url.netloc}"


async def token(request: Request) -> Response:
    """POST /services/oauth2/token. There is no expires_in in the reply [UNV]."""
    org, host = org_of(request), _host(request)
    try:
        check_client(await request.body(), request.headers.get("authorization"))
    except OAuthError as refused:
        return Json(refused.body, 400)
    return Json({
        "access_token": org.tokens.issue(),
        "signature": "c2FuZGJveC1zaWduYXR1cmU=",
        "scope": "api",
        "instance_url": host,
        "id": f"{host}/id/{org.organization_id}/{org.user_id}",
        "token_type": "Bearer",
        "issued_at": str(int(org.clock.now().timestamp() * 1000)),
    })  # fmt: skip


async def revoke(request: Request) -> Response:
    form = dict(await request.form())
    org_of(request).tokens.revoke(str(form.get("token", "")))
    return Response(status_code=200)


async def userinfo(request: Request) -> Response:
    """The identity of the token's user, at /services/oauth2/userinfo and at the token reply's `id` URL."""
    org, host = org_of(request), _host(request)
    org.tokens.check(request.headers.get("authorization"))
    user = org.tables["User"].rows[org.user_id]
    identity = f"{host}/id/{org.organization_id}/{org.user_id}"
    shared = {
        "user_id": org.user_id, "organization_id": org.organization_id, "email": user.get("Email"),
        "email_verified": True, "active": True, "language": "en_US", "locale": "en_US", "zoneinfo": "America/Chicago",
    }  # fmt: skip
    if request.url.path.startswith("/id/"):
        return Json({"id": identity, "username": user.get("Username"), "display_name": user.get("Name"), **shared})
    return Json({"sub": identity, "preferred_username": user.get("Username"), "name": user.get("Name"), **shared})


async def resources(request: Request) -> Response:
    base = f"/services/data/v{call_of(request).version}"
    return Json({name: f"{base}/{name}" for name in _RESOURCES} | {"identity": f"{_host(request)}/id"})


async def limits(request: Request) -> Response:
    org = call_of(request).org
    left = {"DailyApiRequests": (org.api_limit, org.api_limit - org.api_usage)}
    fixed = {"DailyBulkApiBatches": 15000, "DailyBulkV2QueryJobs": 10000, "DataStorageMB": 10240,
             "DailyAsyncApexExecutions": 250000, "HourlyTimeBasedWorkflow": 1000}  # fmt: skip
    left.update({name: (number, number) for name, number in fixed.items()})
    return Json({name: {"Max": most, "Remaining": rest} for name, (most, rest) in left.items()})


async def global_describe(request: Request) -> Response:
    call = call_of(request)
    shown = [
        describe_object(call.org.view(name), call.version, full=False)
        for name, kind in sorted(call.org.objects.items())
        if not kind.tooling
    ]
    return Json({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown})


async def describe(request: Request) -> Response:
    call = call_of(request)
    view = call.view()
    below: list[dict[str, Any]] = [
        {
            "cascadeDelete": field.cascade,
            "childSObject": child,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": field.children,
            "restrictedDelete": False,
        }
        for child, field in call.org.children(view.kind.name).values()
    ]
    return Json(describe_object(view, call.version, full=True) | {"childRelationships": below})


async def basic(request: Request) -> Response:
    call = call_of(request)
    return Json({"objectDescribe": describe_object(call.view(), call.version, full=False), "recentItems": []})


async def query(request: Request) -> Response:
    """query, queryAll and tooling/query."""
    call = call_of(request)
    text = request.query_params.get("q")
    if not text:
        raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
    path = request.url.path
    deleted = path.rstrip("/").lower().endswith("/queryall")
    found = soql_run.run(call.org, text, call.version, deleted, tooling="/tooling/" in path)
    return Json(cursors.first_page(call.org, found, call.version, _page_size(request)))


async def query_more(request: Request) -> Response:
    call = call_of(request)
    return Json(cursors.next_page(call.org, request.path_params["locator"], call.version))


def _page_size(request: Request) -> int:
    """`Sforce-Query-Options: batchSize=200`, between 200 and 2,000 [DOC]."""
    for part in request.headers.get("sforce-query-options", "").split(","):
        key, _, value = part.partition("=")
        if key.strip().lower() == "batchsize" and value.strip().isdigit():
            return min(max(int(value), 200), cursors.PAGE)
    return cursors.PAGE


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


def location(version: str, name: str, key: str) -> str:
    return f"/services/data/v{version}/sobjects/{quote(name)}/{key}"


V = "/services/data/v{version}"
ROUTES = [
    Route("/services/oauth2/token", token, methods=["POST"]),
    Route("/services/oauth2/revoke", revoke, methods=["POST"]),
    Route("/services/oauth2/userinfo", userinfo, methods=["GET", "POST"]),
    Route("/id/{organization}/{user}", userinfo, methods=["GET"]),
    Route("/services/data", versions, methods=["GET"]),
    Route("/services/data/", versions, methods=["GET"]),
    Route(V, resources, methods=["GET"]),
    Route(V + "/", resources, methods=["GET"]),
    Route(V + "/limits", limits, methods=["GET"]),
    Route(V + "/limits/", limits, methods=["GET"]),
    Route(V + "/sobjects", global_describe, methods=["GET"]),
    Route(V + "/sobjects/", global_describe, methods=["GET"]),
    Route(V + "/sobjects/{object}/describe", describe, methods=["GET"]),
    Route(V + "/sobjects/{object}/describe/", describe, methods=["GET"]),
    Route(V + "/sobjects/{object}/updated/", updated, methods=["GET"]),
    Route(V + "/sobjects/{object}/updated", updated, methods=["GET"]),
    Route(V + "/sobjects/{object}/deleted/", deleted, methods=["GET"]),
    Route(V + "/sobjects/{object}/deleted", deleted, methods=["GET"]),
    Route(V + "/query", query, methods=["GET"]),
    Route(V + "/query/", query, methods=["GET"]),
    Route(V + "/queryAll", query, methods=["GET"]),
    Route(V + "/queryAll/", query, methods=["GET"]),
    Route(V + "/tooling/query", query, methods=["GET"]),
    Route(V + "/tooling/query/", query, methods=["GET"]),
    Route(V + "/query/{locator}", query_more, methods=["GET"]),
    Route(V + "/queryAll/{locator}", query_more, methods=["GET"]),
]

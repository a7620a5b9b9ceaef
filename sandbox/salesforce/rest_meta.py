"""Versions, resources, limits, counts and describes."""

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce import conditional
from sandbox.salesforce.call import Json, call_of
from sandbox.salesforce.describe import describe_object
from sandbox.salesforce.table import Table

FIRST_VERSION, LAST_VERSION = 31, 68  # v21-v30 are retired [DOC]; Winter '27 is 68.0 [DOC]
_SEASONS = ("Spring", "Summer", "Winter")
_RESOURCES = (
    *("composite", "jobs", "limits", "parameterizedSearch", "query", "queryAll", "recent", "search", "sobjects"),
    "tooling",
)
#: The other allowances of an Enterprise org by name [DOC for the names]. Nothing uses them up.
_ALLOWANCES = {
    "ActiveScratchOrgs": 40, "AnalyticsExternalDataSizeMB": 40960, "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentEinsteinDataInsightsStoryCreation": 5, "ConcurrentEinsteinDiscoveryStoryCreation": 2,
    "ConcurrentSyncReportRuns": 20, "DailyAnalyticsDataflowJobExecutions": 60,
    "DailyAnalyticsUploadedFilesSizeMB": 51200, "DailyAsyncApexExecutions": 250_000, "DailyAsyncApexTests": 500,
    "DailyBulkApiBatches": 15_000, "DailyBulkV2QueryFileStorageMB": 976_562, "DailyBulkV2QueryJobs": 10_000,
    "DailyDeliveredPlatformEvents": 25_000, "DailyDurableGenericStreamingApiEvents": 100_000,
    "DailyDurableStreamingApiEvents": 200_000, "DailyEinsteinDataInsightsStoryCreation": 1000,
    "DailyEinsteinDiscoveryPredictAPICalls": 50_000, "DailyEinsteinDiscoveryPredictionsByCDC": 500_000,
    "DailyEinsteinDiscoveryStoryCreation": 100, "DailyGenericStreamingApiEvents": 10_000, "DailyScratchOrgs": 80,
    "DailyStandardVolumePlatformEvents": 25_000, "DailyStreamingApiEvents": 200_000, "DailyWorkflowEmails": 500_000,
    "DataStorageMB": 10_240, "DurableStreamingApiConcurrentClients": 1000, "FileStorageMB": 10_240,
    "HourlyAsyncReportRuns": 1200, "HourlyDashboardRefreshes": 200, "HourlyDashboardResults": 5000,
    "HourlyDashboardStatuses": 999_999_999, "HourlyLongTermIdMapping": 100_000,
    "HourlyManagedContentPublicRequests": 50_000, "HourlyODataCallout": 1000,
    "HourlyPublishedPlatformEvents": 250_000, "HourlyPublishedStandardVolumePlatformEvents": 100_000,
    "HourlyShortTermIdMapping": 100_000, "HourlySyncReportRuns": 500, "HourlyTimeBasedWorkflow": 1000,
    "MassEmail": 5000, "MonthlyEinsteinDiscoveryStoryCreation": 500,
    "MonthlyPlatformEventsUsageEntitlement": 0, "Package2VersionCreates": 6,
    "Package2VersionCreatesWithoutValidation": 500, "PermissionSets": 1500,
    "PrivateConnectOutboundCalloutHourlyLimitMB": 0, "SingleEmail": 5000, "StreamingApiConcurrentClients": 1000,
}  # fmt: skip


def _release(version: int) -> str:
    """Spring '24 is v60, Summer '24 v61, Winter '25 v62, and so on."""
    season = (version - 60) % 3
    year = 24 + (version - 60) // 3 + (1 if season == 2 else 0)
    return f"{_SEASONS[season]} '{year:02d}"


async def versions(request: Request) -> Response:
    numbers = range(FIRST_VERSION, LAST_VERSION + 1)
    return Json([{"label": _release(n), "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in numbers])


def host_of(request: Request) -> str:
    """Where the client reached the sandbox."""
    return f"{request.url.scheme}://{request.headers.get('host') or request.url.netloc}"


async def resources(request: Request) -> Response:
    call = call_of(request)
    base, org = f"/services/data/v{call.version}", call.org
    identity = f"{host_of(request)}/id/{org.organization_id}/{org.user_id}"
    return Json({name: f"{base}/{name}" for name in _RESOURCES} | {"identity": identity})


async def below(request: Request) -> Response:
    """What there is below `jobs` and `tooling` [UNV]."""
    path = request.url.path.rstrip("/")
    names = ("ingest", "query") if path.endswith("/jobs") else ("query",)
    return Json({name: f"{path}/{name}" for name in names})


async def limits(request: Request) -> Response:
    org = call_of(request).org
    left = {"DailyApiRequests": (org.api_limit, max(0, org.api_limit - org.api_usage))}
    left.update({name: (number, number) for name, number in _ALLOWANCES.items()})
    return Json({name: {"Max": most, "Remaining": rest} for name, (most, rest) in sorted(left.items())})


async def record_counts(request: Request) -> Response:
    """limits/recordCount?sObjects=Account,Lead: how many live records there are, of every object unasked [REC]."""
    org = call_of(request).org
    asked = [name for name in request.query_params.get("sObjects", "").split(",") if name.strip()]
    kinds = [org.find_kind(name.strip()) for name in asked] if asked else list(org.objects.values())
    names = sorted(kind.name for kind in kinds if kind is not None and not kind.tooling)
    return Json({"sObjects": [{"count": _count(org.tables[name]), "name": name} for name in names]})


def _count(table: Table) -> int:
    return sum(1 for record in table.rows.values() if not record.get("IsDeleted"))


async def recent(request: Request) -> Response:
    """What the user looked at of late: an integration user looks at nothing [UNV]."""
    return Json([])


async def global_describe(request: Request) -> Response:
    call = call_of(request)
    shown = [
        describe_object(call.org.view(name), call.version, full=False)
        for name, kind in sorted(call.org.objects.items())
        if not kind.tooling
    ]
    content = {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown}
    return conditional.reply(request, content, call.org.schema_changed, tagged=True)


async def describe(request: Request) -> Response:
    call = call_of(request)
    view = call.view()
    children: list[dict[str, Any]] = [
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
    content = describe_object(view, call.version, full=True) | {"childRelationships": children}
    return conditional.reply(request, content, call.org.schema_changed, tagged=True)


async def basic(request: Request) -> Response:
    call = call_of(request)
    return Json({"objectDescribe": describe_object(call.view(), call.version, full=False), "recentItems": []})


def location(version: str, name: str, key: str) -> str:
    return f"/services/data/v{version}/sobjects/{quote(name)}/{key}"


V = "/services/data/v{version}"
ROUTES = [
    Route(path + slash, handler, methods=["GET"])
    for path, handler in (
        ("/services/data", versions),
        (V, resources),
        (V + "/jobs", below),
        (V + "/tooling", below),
        (V + "/limits", limits),
        (V + "/limits/recordCount", record_counts),
        (V + "/recent", recent),
        (V + "/sobjects", global_describe),
        (V + "/sobjects/{object}/describe", describe),
    )
    for slash in ("", "/")
]

"""Page layouts, as describe/layouts shows them: one for each object, with every field below the other.

The keys are the documented ones [DOC]; real layouts are of an administrator's making [INV].
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce.call import Call, Json, call_of
from sandbox.salesforce.describe import MASTER, describe_object
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import normalise, to_18
from sandbox.salesforce.rest_meta import V
from sandbox.salesforce.schema import View


async def layouts(request: Request) -> Response:
    call = call_of(request)
    view = _laid_out(call)
    layout = f"/services/data/v{call.version}/sobjects/{view.kind.name}/describe/layouts/{MASTER}"
    mapping = {
        "active": True, "available": True, "defaultRecordTypeMapping": True, "developerName": "Master",
        "layoutId": _layout_id(view), "master": True, "name": "Master", "picklistsForRecordType": None,
        "recordTypeId": MASTER, "urls": {"layout": layout},
    }  # fmt: skip
    return Json({"layouts": [_layout(view)], "recordTypeMappings": [mapping], "recordTypeSelectorRequired": [False]})


async def of_record_type(request: Request) -> Response:
    """The layout alone, under the id of the only record type there is."""
    view = _laid_out(call_of(request))
    if normalise(request.path_params["record_type"]) != MASTER:
        raise not_found()
    return Json(_layout(view))


def _laid_out(call: Call) -> View:
    view = call.view()
    if "layouts" not in describe_object(view, call.version, full=False)["urls"]:
        raise not_found()
    return view


def _layout_id(view: View) -> str:
    return to_18(f"00hgK0000000{view.kind.prefix}")


def _layout(view: View) -> dict[str, Any]:
    return {
        "buttonLayoutSection": {"detailButtons": []},
        "detailLayoutSections": [_section(view)],
        "editLayoutSections": [_section(view)],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": _layout_id(view),
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": {"quickActionListItems": []},
        "relatedContent": None,
        "relatedLists": [],
        "saveOptions": [],
    }


def _section(view: View) -> dict[str, Any]:
    rows = [
        {"layoutItems": [_item(view, field, place)], "numItems": 1}
        for place, field in enumerate((one for one in view.fields.values() if one.type != "id"), 1)
    ]
    return {
        "collapsed": False,
        "columns": 1,
        "heading": f"{view.kind.label} Information",
        "layoutRows": rows,
        "layoutSectionId": to_18(f"01BgK0000000{view.kind.prefix}"),
        "parentLayoutId": _layout_id(view),
        "rows": len(rows),
        "tabOrder": "leftToRight",
        "useCollapsibleSection": False,
        "useHeading": False,
    }


def _item(view: View, field: Field, place: int) -> dict[str, Any]:
    createable, updateable = field.name in view.createable, field.name in view.updateable
    component = {
        "details": field.describe(createable, updateable),
        "displayLines": 1,
        "tabOrder": place,
        "type": "Field",
        "value": field.name,
    }
    return {
        "editableForNew": createable,
        "editableForUpdate": updateable,
        "label": field.label,
        "layoutComponents": [component],
        "placeholder": False,
        "required": field.required,
    }


_PATH = V + "/sobjects/{object}/describe/layouts"
ROUTES = [
    *(Route(_PATH + slash, layouts, methods=["GET"]) for slash in ("", "/")),
    Route(_PATH + "/{record_type}", of_record_type, methods=["GET"]),
]

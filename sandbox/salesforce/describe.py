"""An object as describes show it. The keys, and most values, are those of recorded describes [REC]."""

from typing import Any

from sandbox.salesforce.schema import View

_BUSINESS = frozenset({"Account", "Campaign", "Contact", "Event", "Lead", "Opportunity", "Task"})
_CLONED = frozenset({"Campaign", "Opportunity"})  # deepCloneable
_DETAILS = frozenset({"CampaignMember", "OpportunityContactRole"})  # parts of other records
_DELETED = frozenset({"FieldPermissions", "GroupMember", "PermissionSet", "PermissionSetAssignment", "QueueSobject"})
MASTER = "012000000000000AAA"  # the record type of an object that has none
_EMPTY = ("defaultImplementation", "extendedBy", "extendsInterfaces", "implementedBy", "implementsInterfaces",
          "listviewable", "lookupLayoutable", "networkScopeFieldName")  # fmt: skip


def describe_object(view: View, version: str, full: bool) -> dict[str, Any]:
    """The sobject part of a describe; with the fields and what else only the object's own describe has when `full`."""
    kind = view.kind
    base = f"/services/data/v{version}/{'tooling/' if kind.tooling else ''}sobjects/{kind.name}"
    business = kind.custom or kind.name in _BUSINESS
    is_user, is_detail = kind.name == "User", kind.name in _DETAILS
    shown: dict[str, Any] = {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": bool(view.createable) and kind.name != "Organization",
        "custom": kind.custom,
        "customSetting": False,
        "deepCloneable": kind.name in _CLONED,
        "deletable": kind.deletable or kind.name in _DELETED,
        "deprecatedAndHidden": False,
        "feedEnabled": (business and kind.name != "Campaign" and not kind.custom) or is_user,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": kind.prefix,
        "label": kind.label,
        "labelPlural": kind.plural,
        "layoutable": business or is_user or is_detail,
        "mergeable": kind.name in ("Account", "Contact", "Lead"),
        "mruEnabled": business or is_user,
        "name": kind.name,
        "queryable": True,
        "replicateable": kind.deletable or kind.name in ("User", "Organization"),
        "retrieveable": True,
        "searchable": business or is_user,
        "triggerable": business or is_user or is_detail,
        "undeletable": kind.deletable and not is_detail,
        "updateable": bool(view.updateable),
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }
    if business:
        names = ("describe/layouts", "describe/compactLayouts", "describe/approvalLayouts", "listviews", "quickActions")
        shown["urls"].update({name.rpartition("/")[2]: f"{base}/{name}" for name in names})
    if full:
        shown.update(dict.fromkeys(_EMPTY))
        shown["fields"] = [
            f.describe(name in view.createable, name in view.updateable) for name, f in view.fields.items()
        ]
        plural = kind.plural.lower()
        scopes = [("everything", f"All {plural}")]
        if "OwnerId" in view.fields:
            scopes += [("mine", f"My {plural}"), ("team", f"My team's {plural}")]
        master = {
            "active": True, "available": True, "defaultRecordTypeMapping": True, "developerName": "Master",
            "master": True, "name": "Master", "recordTypeId": MASTER,
            "urls": {"layout": f"{base}/describe/layouts/{MASTER}"},
        }  # fmt: skip
        shown.update(
            actionOverrides=[], childRelationships=[], compactLayoutable=business, namedLayoutInfos=[],
            recordTypeInfos=[master] if business else [], searchLayoutable=business, sobjectDescribeOption="FULL",
            supportedScopes=[{"label": label, "name": name} for name, label in scopes],
        )  # fmt: skip
    return shown

"""The standard objects of the org and their fields, as an Enterprise org without add-ons describes them."""

from collections.abc import Iterable

from sandbox.salesforce import objects_sales, objects_setup
from sandbox.salesforce.field_kinds import (
    address,
    area,
    audit,
    fixed_lookup,
    flag,
    lookup,
    owner,
    person_name,
    phones,
    pick,
    system,
    text,
)
from sandbox.salesforce.fields import Field
from sandbox.salesforce.schema import ObjectType

_INDUSTRIES = (
    "Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction",
    "Consulting", "Education", "Electronics", "Energy", "Engineering", "Entertainment", "Environmental", "Finance",
    "Food & Beverage", "Government", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media",
    "Not For Profit", "Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation",
    "Utilities", "Other",
)  # fmt: skip
_ID_LABELS = {"Task": "Activity ID", "Event": "Activity ID", "OpportunityContactRole": "Contact Role ID"}
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
LEAD_STATUS = ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")


def _lead() -> Iterable[Field]:
    yield fixed_lookup("MasterRecordId", "Master Record ID", "Lead")
    yield from person_name()
    yield text("Title", "Title", 128)
    yield text("Company", "Company", 255, nillable=False)
    yield from address()
    yield from phones(("MobilePhone", "Mobile Phone"))
    yield Field("Email", "Email", "email", 80, indexed=True, id_lookup=True)
    yield Field("Website", "Website", "url", 255)
    yield area("Description", "Description", 32000)
    yield pick("LeadSource", "Lead Source", SOURCES)
    # Restricted here as in an org that closed its status list; the standard list itself is open [UNV].
    yield pick("Status", "Status", LEAD_STATUS, nillable=False, defaulted=True, default=LEAD_STATUS[0],
                restricted=True)  # fmt: skip
    yield pick("Industry", "Industry", _INDUSTRIES)
    yield pick("Rating", "Rating", ("Hot", "Warm", "Cold"))
    yield Field("AnnualRevenue", "Annual Revenue", "currency", precision=18)
    yield Field("NumberOfEmployees", "Employees", "int", precision=8)
    yield owner(queue=True)
    yield flag("HasOptedOutOfEmail", "Email Opt Out")
    yield flag("HasOptedOutOfFax", "Fax Opt Out")
    yield flag("DoNotCall", "Do Not Call")
    yield flag("IsUnreadByOwner", "Unread By Owner", default=True)
    yield system("IsConverted", "Converted", "boolean", nillable=False, defaulted=True, default=False)
    yield system("ConvertedDate", "Converted Date", "date")
    yield fixed_lookup("ConvertedAccountId", "Converted Account ID", "Account")
    yield fixed_lookup("ConvertedContactId", "Converted Contact ID", "Contact")
    yield fixed_lookup("ConvertedOpportunityId", "Converted Opportunity ID", "Opportunity")
    yield system("LastActivityDate", "Last Activity", "date")


def _contact() -> Iterable[Field]:
    yield fixed_lookup("MasterRecordId", "Master Record ID", "Contact")
    yield lookup("AccountId", "Account ID", "Account", children="Contacts", cascade=True)
    yield from person_name()
    yield from address("Mailing")
    yield from phones(("MobilePhone", "Mobile Phone"), ("HomePhone", "Home Phone"), kind="Business")
    yield Field("Email", "Email", "email", 80, indexed=True, id_lookup=True)
    yield text("Title", "Title", 128)
    yield text("Department", "Department", 80)
    yield area("Description", "Contact Description", 32000)
    yield pick("LeadSource", "Lead Source", SOURCES)
    yield owner()
    yield lookup("ReportsToId", "Reports To ID", "Contact")
    yield flag("HasOptedOutOfEmail", "Email Opt Out")
    yield flag("DoNotCall", "Do Not Call")
    yield Field("Birthdate", "Birthdate", "date")


def _account() -> Iterable[Field]:
    yield fixed_lookup("MasterRecordId", "Master Record ID", "Account")
    yield text("Name", "Account Name", 255, nillable=False, extra_type="switchablepersonname")
    yield pick("Type", "Account Type", ("Prospect", "Customer - Direct", "Customer - Channel", "Other"), 40)
    yield lookup("ParentId", "Parent Account ID", "Account", children="ChildAccounts")
    yield from address("Billing")
    yield from address("Shipping")
    yield from phones(kind="Account")
    yield Field("Website", "Website", "url", 255)
    yield pick("Industry", "Industry", _INDUSTRIES, 40)
    yield pick("Rating", "Account Rating", ("Hot", "Warm", "Cold"), 40)
    yield Field("AnnualRevenue", "Annual Revenue", "currency", precision=18)
    yield Field("NumberOfEmployees", "Employees", "int", precision=8)
    yield text("AccountNumber", "Account Number", 40)
    yield area("Description", "Account Description", 32000)
    yield pick("AccountSource", "Account Source", SOURCES, 40)
    yield owner()


def _activity(plural: str) -> Iterable[Field]:
    yield lookup("WhoId", "Name ID", "Contact", "Lead", children=plural, cascade=True)
    yield lookup("WhatId", "Related To ID", "Account", "Opportunity", "Campaign", children=plural, cascade=True)
    yield Field("Subject", "Subject", "combobox", 255)
    yield Field("ActivityDate", "Due Date Only", "date")


def _task() -> Iterable[Field]:
    yield from _activity("Tasks")
    yield pick("Status", "Status", ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"),
                nillable=False, defaulted=True, default="Not Started")  # fmt: skip
    yield pick("Priority", "Priority", ("High", "Normal", "Low"), nillable=False, defaulted=True, default="Normal")
    yield system("IsHighPriority", "High Priority", "boolean", nillable=False, defaulted=True, default=False)
    yield owner(queue=True, label="Assigned To ID")
    yield area("Description", "Description", 32000)
    yield fixed_lookup("AccountId", "Account ID", "Account")
    yield system("IsClosed", "Closed", "boolean", nillable=False, defaulted=True, default=False)
    yield system("CompletedDateTime", "Completed Date", "datetime")
    yield pick("TaskSubtype", "Task Subtype", ("Task", "Email", "List Email", "Cadence", "Call"), restricted=True,
                updateable=False, defaulted=True, default="Task")  # fmt: skip
    yield pick("CallType", "Call Type", ("Internal", "Inbound", "Outbound"))
    yield Field("CallDurationInSeconds", "Call Duration", "int", precision=8)
    yield text("CallDisposition", "Call Result", 255)
    yield flag("IsReminderSet", "Reminder Set")
    yield Field("ReminderDateTime", "Reminder Date/Time", "datetime")


def _event() -> Iterable[Field]:
    yield from _activity("Events")
    yield text("Location", "Location", 255)
    yield flag("IsAllDayEvent", "All-Day Event")
    yield Field("ActivityDateTime", "Due Date Time", "datetime")
    yield Field("StartDateTime", "Start Date Time", "datetime")
    yield Field("EndDateTime", "End Date Time", "datetime")
    yield Field("DurationInMinutes", "Duration", "int", precision=8)
    yield area("Description", "Description", 32000)
    yield owner(label="Assigned To ID")
    yield flag("IsPrivate", "Private")
    yield pick("ShowAs", "Show Time As", ("Busy", "OutOfOffice", "Free"), 40, defaulted=True, default="Busy")
    yield pick("EventSubtype", "Event Subtype", ("Event",), 40, restricted=True, updateable=False, defaulted=True,
                default="Event")  # fmt: skip
    yield flag("IsReminderSet", "Reminder Set")
    yield Field("ReminderDateTime", "Reminder Date/Time", "datetime")


def standard_objects() -> dict[str, ObjectType]:
    """A fresh copy: custom fields are added to it. Setup objects have no recycle bin."""
    business: list[tuple[str, str, str, Iterable[Field]]] = [
        ("Account", "Accounts", "001", _account()),
        ("Contact", "Contacts", "003", _contact()),
        ("Lead", "Leads", "00Q", _lead()),
        ("Opportunity", "Opportunities", "006", objects_sales.opportunity(SOURCES)),
        ("Task", "Tasks", "00T", _task()),
        ("Event", "Events", "00U", _event()),
        ("OpportunityContactRole", "Opportunity Contact Role", "00K", objects_sales.contact_role()),
        ("Campaign", "Campaigns", "701", objects_sales.campaign()),
        ("CampaignMember", "Campaign Members", "00v", objects_sales.campaign_member()),
    ]
    labels = {"OpportunityContactRole": "Opportunity Contact Role", "CampaignMember": "Campaign Member"}
    found = [
        _built(ObjectType(name, labels.get(name, name), plural, prefix), own) for name, plural, prefix, own in business
    ]
    setup: list[tuple[str, str, str, str, Iterable[Field]]] = [
        ("User", "User", "Users", "005", objects_setup.user()),
        ("Group", "Group", "Groups", "00G", objects_setup.group()),
        ("GroupMember", "Group Member", "Group Members", "011", objects_setup.group_member()),
        ("QueueSobject", "Queue Sobject", "Queue Sobjects", "03g", objects_setup.queue_sobject()),
        ("AssignmentRule", "Assignment Rule", "Assignment Rules", "01Q", objects_setup.assignment_rule()),
        ("Profile", "Profile", "Profile", "00e", [text("Name", "Name", 255, nillable=False)]),
        ("Organization", "Organization", "Organizations", "00D", objects_setup.organization()),
        ("PermissionSet", "Permission Set", "Permission Sets", "0PS", objects_setup.permission_set()),
        ("PermissionSetAssignment", "Permission Set Assignment", "Permission Set Assignments", "0Pa",
         objects_setup.assignment()),
        ("FieldPermissions", "Field Permissions", "Field Permissions", "01k", objects_setup.field_permissions()),
        ("CustomField", "Custom Field", "Custom Fields", "00N", objects_setup.custom_field()),
    ]  # fmt: skip
    for name, label, plural, prefix, own in setup:
        kind = ObjectType(name, label, plural, prefix, deletable=False, tooling=name == "CustomField")
        found.append(_built(kind, own))
    return {kind.name: kind for kind in found}


def _built(kind: ObjectType, own: Iterable[Field]) -> ObjectType:
    label = _ID_LABELS.get(kind.name, f"{kind.label} ID")
    kind.add(Field("Id", label, "id", 18, nillable=False, createable=False, updateable=False, defaulted=True))
    for field in (*own, *audit(kind.deletable)):
        kind.add(field)
    return kind

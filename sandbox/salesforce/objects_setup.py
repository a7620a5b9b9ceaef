"""Users, queues and what an admin sets up."""

from collections.abc import Iterable

from sandbox.salesforce.field_kinds import address, flag, lookup, phones, pick, system, text
from sandbox.salesforce.fields import Field


def user() -> Iterable[Field]:
    yield text("Username", "Username", 80, nillable=False, indexed=True, id_lookup=True)
    yield text("LastName", "Last Name", 80, nillable=False)
    yield text("FirstName", "First Name", 40)
    yield system("Name", "Full Name", "string", length=121, nillable=False)
    yield text("CompanyName", "Company Name", 80)
    yield text("Department", "Department", 80)
    yield text("Division", "Division", 80)
    yield text("Title", "Title", 80)
    yield from address()
    yield Field("Email", "Email", "email", 128, nillable=False, indexed=True)
    yield from phones(("MobilePhone", "Mobile"))
    yield text("Alias", "Alias", 8, nillable=False, defaulted=True)
    yield flag("IsActive", "Active", default=True)
    yield text("FederationIdentifier", "SAML Federation ID", 512)
    yield text("EmployeeNumber", "Employee Number", 20)
    yield lookup("ManagerId", "Manager ID", "User")
    yield pick("UserType", "User Type", ("Standard", "AutomatedProcess", "CloudIntegrationUser"), createable=False,
                updateable=False, defaulted=True, default="Standard")  # fmt: skip
    for name, label, default in (
        ("TimeZoneSidKey", "Time Zone", "America/Chicago"),
        ("LocaleSidKey", "Locale", "en_US"),
        ("LanguageLocaleKey", "Language", "en_US"),
        ("EmailEncodingKey", "Email Encoding", "UTF-8"),
    ):
        yield pick(name, label, (default,), nillable=False, defaulted=True, default=default)
    yield lookup("ProfileId", "Profile ID", "Profile")
    yield system("LastLoginDate", "Last Login", "datetime")


def group() -> Iterable[Field]:
    yield text("Name", "Name", 40, nillable=False)
    yield text("DeveloperName", "Developer Name", 80, indexed=True)
    yield pick("Type", "Type", ("Regular", "Role", "Queue", "Organization"), nillable=False, restricted=True)
    yield Field("Email", "Email", "email", 255)
    yield flag("DoesSendEmailToMembers", "Send Email to Members")
    yield flag("DoesIncludeBosses", "Include Bosses", default=True)


def group_member() -> Iterable[Field]:
    yield lookup("GroupId", "Group ID", "Group", nillable=False, updateable=False)
    yield lookup("UserOrGroupId", "User/Group ID", "Group", "User", nillable=False, updateable=False)


def queue_sobject() -> Iterable[Field]:
    """What a queue may own."""
    yield lookup("QueueId", "Queue ID", "Group", nillable=False, updateable=False)
    yield text("SobjectType", "Sobject Type", 40, nillable=False, updateable=False)


def assignment_rule() -> Iterable[Field]:
    """Read only through the API [DOC]."""
    yield system("Name", "Name", "string", length=120)
    yield system("SobjectType", "SObject Type", "string", length=40)
    yield system("Active", "Active", "boolean", nillable=False, defaulted=True, default=False)


def organization() -> Iterable[Field]:
    yield text("Name", "Name", 80, nillable=False)
    yield text("OrganizationType", "Edition", 40)
    yield text("InstanceName", "Instance Name", 5)
    yield flag("IsSandbox", "Is Sandbox", default=True)
    yield text("DefaultLocaleSidKey", "Locale", 40)
    yield text("TimeZoneSidKey", "Time Zone", 40)
    yield text("Country", "Country", 80)


def permission_set() -> Iterable[Field]:
    yield text("Name", "Permission Set Name", 80, nillable=False, unique=True)
    yield text("Label", "Permission Set Label", 80, nillable=False)
    yield text("Description", "Description", 255)
    yield flag("IsOwnedByProfile", "Is Owned By Profile", createable=False, updateable=False)
    yield flag("PermissionsBulkApiHardDelete", "Bulk API Hard Delete")


def assignment() -> Iterable[Field]:
    yield lookup("PermissionSetId", "PermissionSet ID", "PermissionSet", nillable=False, updateable=False)
    yield lookup("AssigneeId", "Assignee ID", "User", nillable=False, updateable=False)


def field_permissions() -> Iterable[Field]:
    yield lookup("ParentId", "Parent ID", "PermissionSet", nillable=False, updateable=False)
    yield text("SobjectType", "Sobject Type Name", 40, nillable=False, updateable=False)
    yield text("Field", "Field Name", 255, nillable=False, updateable=False, indexed=True)
    yield flag("PermissionsEdit", "Edit Field")
    yield flag("PermissionsRead", "Read Field")


def custom_field() -> Iterable[Field]:
    """Tooling API only."""
    yield text("DeveloperName", "Developer Name", 80, indexed=True)
    yield text("TableEnumOrId", "Table", 80)
    yield text("NamespacePrefix", "Namespace", 15)
    yield text("FullName", "Full Name", 255, nillable=False, updateable=False)
    yield Field("Metadata", "Metadata", "complexvalue", nillable=False)

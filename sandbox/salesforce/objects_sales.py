"""Opportunities, who plays which role in them, and campaigns."""

from collections.abc import Iterable

from sandbox.salesforce.derived import STAGES
from sandbox.salesforce.field_kinds import area, fixed_lookup, flag, lookup, owner, pick, system, text
from sandbox.salesforce.fields import Field

_ROLES = (
    "Business User", "Decision Maker", "Economic Buyer", "Economic Decision Maker", "Evaluator", "Executive Sponsor",
    "Influencer", "Technical Buyer", "Other",
)  # fmt: skip
_FORECASTS = ("Omitted", "Pipeline", "BestCase", "Forecast", "Closed")
_CAMPAIGN_TYPES = (
    "Conference", "Webinar", "Trade Show", "Public Relations", "Partners", "Referral Program", "Advertisement",
    "Banner Ads", "Direct Mail", "Email", "Telemarketing", "Other",
)  # fmt: skip


def opportunity(sources: tuple[str, ...]) -> Iterable[Field]:
    yield lookup("AccountId", "Account ID", "Account", children="Opportunities", cascade=True)
    yield Field("ContactId", "Contact ID", "reference", 18, refs=("Contact",), updateable=False)
    yield lookup("CampaignId", "Campaign ID", "Campaign", children="Opportunities")
    yield text("Name", "Name", 120, nillable=False)
    yield area("Description", "Description", 32000)
    yield pick("StageName", "Stage", tuple(STAGES), nillable=False)
    yield Field("Amount", "Amount", "currency", precision=18, scale=2)
    yield Field("Probability", "Probability (%)", "percent", precision=3)
    yield Field("CloseDate", "Close Date", "date", nillable=False)
    yield pick("Type", "Opportunity Type", ("Existing Business", "New Business"))
    yield text("NextStep", "Next Step", 255)
    yield pick("LeadSource", "Lead Source", sources)
    yield system("IsClosed", "Closed", "boolean", nillable=False, defaulted=True, default=False)
    yield system("IsWon", "Won", "boolean", nillable=False, defaulted=True, default=False)
    for name, length, nillable in (("ForecastCategory", 40, False), ("ForecastCategoryName", 255, True)):
        yield system(name, "Forecast Category", "picklist", length=length, nillable=nillable, values=_FORECASTS,
                     restricted=True)  # fmt: skip
    yield owner()


def contact_role() -> Iterable[Field]:
    yield lookup("OpportunityId", "Opportunity ID", "Opportunity", nillable=False, updateable=False,
                 children="OpportunityContactRoles", cascade=True)  # fmt: skip
    yield lookup("ContactId", "Contact ID", "Contact", nillable=False, children="OpportunityContactRoles",
                 cascade=True)  # fmt: skip
    yield pick("Role", "Role", _ROLES, 40)
    yield flag("IsPrimary", "Primary")


def campaign() -> Iterable[Field]:
    yield text("Name", "Name", 80, nillable=False)
    yield lookup("ParentId", "Parent Campaign ID", "Campaign", children="ChildCampaigns")
    yield pick("Type", "Type", _CAMPAIGN_TYPES)
    yield pick("Status", "Status", ("Planned", "In Progress", "Completed", "Aborted"), defaulted=True,
               default="Planned")  # fmt: skip
    yield Field("StartDate", "Start Date", "date")
    yield Field("EndDate", "End Date", "date")
    yield Field("ExpectedRevenue", "Expected Revenue", "currency", precision=18)
    yield Field("BudgetedCost", "Budgeted Cost", "currency", precision=18)
    yield Field("ActualCost", "Actual Cost", "currency", precision=18)
    yield flag("IsActive", "Active")
    yield area("Description", "Description", 32000)
    yield owner()


def campaign_member() -> Iterable[Field]:
    yield lookup("CampaignId", "Campaign ID", "Campaign", nillable=False, updateable=False,
                 children="CampaignMembers", cascade=True)  # fmt: skip
    yield lookup("LeadId", "Lead ID", "Lead", updateable=False, children="CampaignMembers", cascade=True)
    yield lookup("ContactId", "Contact ID", "Contact", updateable=False, children="CampaignMembers", cascade=True)
    yield pick("Status", "Status", ("Sent", "Responded"), defaulted=True, default="Sent")
    yield system("HasResponded", "Responded", "boolean", nillable=False, defaulted=True, default=False)
    yield system("FirstRespondedDate", "First Responded Date", "date")
    yield system("Type", "Type", "string", length=40)
    yield fixed_lookup("LeadOrContactId", "Related Record ID", "Contact", "Lead")

"""The standard properties of companies, deals, tickets, leads and what is sold: those that a hub writes or asks for.

Names, types and internal option values from HubSpot's object guides [DOC]; labels are ours. A company's `industry` is
plain text here, as the list of its options is HubSpot's own [INV]. The options of pipelines and stages are filled in by
`pipelines`.
"""

from __future__ import annotations

from sandbox.hubspot.property_table import Options, PropertyTable
from sandbox.hubspot.standard_properties import LEAD_STATUS, LIFECYCLE_STAGES
from sandbox.hubspot.standard_shared import KEPT, KEPT_PREFIXES, NUMBERS, OWNERS, SOURCE, TIMES, TOUCHES, same

_COMPANY_TYPES: Options = [
    ("PROSPECT", "Prospect"),
    ("PARTNER", "Partner"),
    ("RESELLER", "Reseller"),
    ("VENDOR", "Vendor"),
    ("OTHER", "Other"),
]

COMPANIES = PropertyTable(
    group="companyinformation",
    text=f"""
name=Company name|domain=Company Domain Name|website=Website URL|address=Street Address|address2=Street Address 2
city=City|state=State/Region|zip=Postal Code|country=Country/Region|industry=Industry|timezone=Time Zone
founded_year=Year Founded|linkedin_company_page=LinkedIn Company Page|hs_pipeline=Pipeline|{SOURCE}
""",
    textarea="description=Description|about_us=About Us",
    phones="phone=Phone Number",
    numbers=f"""
{NUMBERS}|numberofemployees=Number of Employees|annualrevenue=Annual Revenue
num_associated_contacts=Number of Associated Contacts|num_associated_deals=Number of Associated Deals
hs_num_child_companies=Number of child companies|hs_num_open_deals=Number of open deals
""",
    datetimes=f"{TIMES}|{TOUCHES}|createdate=Create Date|closedate=Close Date",
    booleans="is_public=Is Public",
    enumerations={
        "lifecyclestage": ("Lifecycle Stage", "radio", LIFECYCLE_STAGES),
        "hs_lead_status": ("Lead Status", "radio", LEAD_STATUS),
        "type": ("Type", "select", _COMPANY_TYPES),
        **OWNERS,
    },
    kept=KEPT | {"hs_pipeline"},
    kept_prefixes=KEPT_PREFIXES,
)
DEALS = PropertyTable(
    group="dealinformation",
    text=f"dealname=Deal Name|hs_next_step=Next step|{SOURCE}",
    textarea="description=Deal Description|closed_lost_reason=Lost reason|closed_won_reason=Won reason",
    numbers=f"{NUMBERS}|amount=Amount|num_associated_contacts=Number of Associated Contacts",
    datetimes=f"{TIMES}|{TOUCHES}|createdate=Create Date|closedate=Close Date",
    booleans="hs_is_closed=Is Deal Closed?|hs_is_closed_won=Is Closed Won",
    enumerations={
        "dealstage": ("Deal Stage", "radio", []),
        "pipeline": ("Pipeline", "select", []),
        "dealtype": (
            "Deal Type",
            "radio",
            [("newbusiness", "New Business"), ("existingbusiness", "Existing Business")],
        ),
        "hs_priority": ("Priority", "select", [("low", "Low"), ("medium", "Medium"), ("high", "High")]),
        **OWNERS,
    },
    kept=KEPT | {"hs_is_closed", "hs_is_closed_won"},
    kept_prefixes=KEPT_PREFIXES,
)
TICKETS = PropertyTable(
    group="ticketinformation",
    text=f"subject=Ticket name|{SOURCE}",
    textarea="content=Ticket description",
    numbers=f"{NUMBERS}|hs_num_times_contacted=Number of times contacted",
    datetimes=f"{TIMES}|{TOUCHES}|createdate=Create date|closed_date=Close date",
    booleans="hs_is_closed=Is closed",
    enumerations={
        "hs_pipeline": ("Pipeline", "select", []),
        "hs_pipeline_stage": ("Ticket status", "select", []),
        "hs_ticket_priority": ("Priority", "select", same("LOW", "MEDIUM", "HIGH", "URGENT")),
        "hs_ticket_category": (
            "Category",
            "checkbox",
            same("PRODUCT_ISSUE", "BILLING_ISSUE", "FEATURE_REQUEST", "GENERAL_INQUIRY"),
        ),
        "source_type": ("Source", "select", same("CHAT", "EMAIL", "FORM", "PHONE")),
        **OWNERS,
    },
    kept=KEPT | {"hs_is_closed"},
    kept_prefixes=KEPT_PREFIXES,
)
LEADS = PropertyTable(
    group="leadinformation",
    text=f"hs_lead_name=Lead name|{SOURCE}",
    numbers=NUMBERS,
    datetimes=f"{TIMES}|{TOUCHES}|hs_createdate=Create date",
    enumerations={
        "hs_pipeline": ("Pipeline", "select", []),
        "hs_pipeline_stage": ("Lead stage", "select", []),
        "hs_lead_type": ("Lead type", "select", same("NEW_BUSINESS", "UPSELL", "RE_ATTEMPTING")),
        "hs_lead_label": ("Lead label", "select", same("WARM", "COLD", "HOT")),
        **OWNERS,
    },
    kept=KEPT,
    kept_prefixes=KEPT_PREFIXES,
)
PRODUCTS = PropertyTable(
    group="productinformation",
    text=f"name=Name|hs_sku=SKU|hs_url=URL|{SOURCE}",
    textarea="description=Product description",
    numbers=f"{NUMBERS}|price=Unit price|hs_cost_of_goods_sold=Unit cost",
    datetimes=f"{TIMES}|createdate=Create date",
    enumerations=OWNERS,
    kept=KEPT,
    kept_prefixes=KEPT_PREFIXES,
)
LINE_ITEMS = PropertyTable(
    group="lineiteminformation",
    text=f"name=Name|hs_sku=SKU|{SOURCE}",
    textarea="description=Description",
    numbers=f"{NUMBERS}|hs_product_id=Product ID|price=Unit price|quantity=Quantity|discount=Discount|amount=Net price",
    datetimes=f"{TIMES}|createdate=Create date",
    enumerations=OWNERS,
    kept=KEPT | {"amount"},
    kept_prefixes=KEPT_PREFIXES,
)
QUOTES = PropertyTable(
    group="quoteinformation",
    text=f"hs_title=Quote name|hs_public_url_key=Public URL key|hs_currency=Currency|{SOURCE}",
    textarea="hs_comments=Comments to buyer|hs_terms=Terms",
    numbers=f"{NUMBERS}|hs_quote_amount=Quote amount",
    datetimes=f"{TIMES}|hs_createdate=Create date|hs_expiration_date=Expiration date",
    enumerations={
        "hs_status": (
            "Quote status",
            "select",
            same("DRAFT", "APPROVAL_NOT_NEEDED", "PENDING_APPROVAL", "APPROVED", "REJECTED"),
        ),
        **OWNERS,
    },
    kept=KEPT | {"hs_public_url_key", "hs_quote_amount"},
    kept_prefixes=KEPT_PREFIXES,
)

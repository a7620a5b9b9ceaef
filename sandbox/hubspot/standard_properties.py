"""HubSpot's standard contact properties, the part of them that leads travel with.

A table of what every portal has from the start; names, types and internal option values as HubSpot publishes them in
its properties guide and knowledge base [DOC]; labels and descriptions are ours.
"""

from __future__ import annotations

from sandbox.hubspot.property_table import Enumeration, Options, PropertyTable

LIFECYCLE_STAGES: Options = [
    ("subscriber", "Subscriber"),
    ("lead", "Lead"),
    ("marketingqualifiedlead", "Marketing Qualified Lead"),
    ("salesqualifiedlead", "Sales Qualified Lead"),
    ("opportunity", "Opportunity"),
    ("customer", "Customer"),
    ("evangelist", "Evangelist"),
    ("other", "Other"),
]
LEAD_STATUS: Options = [
    ("NEW", "New"),
    ("OPEN", "Open"),
    ("IN_PROGRESS", "In Progress"),
    ("OPEN_DEAL", "Open Deal"),
    ("UNQUALIFIED", "Unqualified"),
    ("ATTEMPTED_TO_CONTACT", "Attempted to Contact"),
    ("CONNECTED", "Connected"),
    ("BAD_TIMING", "Bad Timing"),
]
_SOURCES: Options = [
    ("ORGANIC_SEARCH", "Organic Search"),
    ("PAID_SEARCH", "Paid Search"),
    ("EMAIL_MARKETING", "Email Marketing"),
    ("SOCIAL_MEDIA", "Organic Social"),
    ("REFERRALS", "Referrals"),
    ("OTHER_CAMPAIGNS", "Other Campaigns"),
    ("DIRECT_TRAFFIC", "Direct Traffic"),
    ("OFFLINE", "Offline Sources"),
    ("PAID_SOCIAL", "Paid Social"),
    ("AI_REFERRALS", "AI Referrals"),
]
_LEGAL_BASIS: Options = [
    ("Legitimate interest – prospect/lead", "Legitimate interest – prospect/lead"),
    ("Legitimate interest – existing customer", "Legitimate interest – existing customer"),
    ("Legitimate interest - other", "Legitimate interest - other"),
    ("Performance of a contract", "Performance of a contract"),
    ("Freely given consent from contact", "Freely given consent from contact"),
    ("Not applicable", "Not applicable"),
]
_EMPLOYEES: Options = [(size, size) for size in ("1-5", "5-25", "25-50", "50-100", "100-500", "500-1000", "1000+")]

# name=label; writable unless its name stands among the kept ones below.
_TEXT = """
email=Email|firstname=First Name|lastname=Last Name|salutation=Salutation|company=Company Name|jobtitle=Job Title
address=Street Address|city=City|state=State/Region|zip=Postal Code|country=Country/Region|website=Website URL
degree=Degree|industry=Industry|job_function=Job function|seniority=Seniority|field_of_study=Field of study
annualrevenue=Annual Revenue|fax=Fax Number|twitterhandle=Twitter Username
linkedinbio=LinkedIn Bio|hs_linkedin_url=LinkedIn URL|hs_persona=Persona|hs_state_code=State/Region Code
hs_country_region_code=Country/Region Code|hs_timezone=Time Zone|hs_ip_timezone=IP Timezone|ip_city=IP City
ip_state=IP State/Region|ip_state_code=IP State Code|ip_country=IP Country|ip_country_code=IP Country Code
hs_google_click_id=Google ad click id|hs_facebook_click_id=Facebook click id
hs_additional_emails=Additional email addresses|hs_calculated_phone_number=Calculated Phone Number
hs_email_domain=Email Domain|hs_all_contact_vids=All vids for a contact|hs_merged_object_ids=Merged record IDs
hs_calculated_merged_vids=Merged vids with timestamps|hs_pipeline=Pipeline
hs_object_source=Record source|hs_object_source_label=Record source label
hs_object_source_detail_1=Record source detail 1|hs_analytics_source_data_1=Original Traffic Source Drill-Down 1
hs_analytics_source_data_2=Original Traffic Source Drill-Down 2|hs_latest_source_data_1=Latest Traffic Source Data 1
hs_latest_source_data_2=Latest Traffic Source Data 2|hs_analytics_first_url=First Page Seen
hs_analytics_last_url=Last Page Seen|hs_analytics_first_referrer=First Referring Site
hs_analytics_last_referrer=Last Referring Site|first_conversion_event_name=First Conversion
recent_conversion_event_name=Recent Conversion|hs_email_last_email_name=Last marketing email name
hs_analytics_first_touch_converting_campaign=First Touch Converting Campaign
hs_analytics_last_touch_converting_campaign=Last Touch Converting Campaign
hs_email_hard_bounce_reason_enum=Email hard bounce reason|hs_user_ids_of_all_owners=User IDs of all owners
"""
_TEXTAREA = "message=Message"
_PHONES = "phone=Phone Number|mobilephone=Mobile Phone Number|hs_whatsapp_phone_number=WhatsApp Phone Number"
_NUMBERS = """
hs_object_id=Record ID|hs_email_delivered=Marketing emails delivered|hs_email_open=Marketing emails opened
hs_email_click=Marketing emails clicked|hs_email_bounce=Marketing emails bounced|hs_email_replied=Marketing emails replied
hs_analytics_num_page_views=Number of Pageviews|hs_analytics_num_visits=Number of Sessions
hs_analytics_num_event_completions=Number of event completions|hs_analytics_average_page_views=Average Pageviews
hs_analytics_revenue=Event Revenue|hs_social_twitter_clicks=Twitter Clicks|hs_social_linkedin_clicks=LinkedIn Clicks
num_conversion_events=Number of Form Submissions|num_unique_conversion_events=Number of Unique Forms Submitted
num_associated_deals=Number of Associated Deals|num_notes=Number of Sales Activities
num_contacted_notes=Number of times contacted|hubspotscore=HubSpot Score|hs_predictivecontactscore_v2=Likelihood to close
hs_time_to_first_engagement=Time to first engagement|hs_sa_first_engagement_object_id=First engagement id
hs_email_sends_since_last_engagement=Sends Since Last Engagement|associatedcompanyid=Primary Associated Company ID
hs_created_by_user_id=Created by user ID|hs_updated_by_user_id=Updated by user ID|days_to_close=Days To Close
"""
_DATETIMES = """
createdate=Create Date|lastmodifieddate=Last Modified Date|closedate=Close Date|first_conversion_date=First Conversion Date
recent_conversion_date=Recent Conversion Date|hs_analytics_first_timestamp=Time First Seen
hs_analytics_last_timestamp=Time Last Seen|hs_analytics_first_visit_timestamp=Time of First Session
hs_analytics_last_visit_timestamp=Time of Last Session|hs_latest_source_timestamp=Latest Traffic Source Date
hs_email_first_send_date=First marketing email send date|hs_email_last_send_date=Last marketing email send date
hs_email_first_open_date=First marketing email open date|hs_email_last_open_date=Last marketing email open date
hs_email_first_click_date=First marketing email click date|hs_email_last_click_date=Last marketing email click date
hs_last_sales_activity_timestamp=Last Engagement Date|notes_last_contacted=Last Contacted
notes_last_updated=Last Activity Date|notes_next_activity_date=Next Activity Date
hubspot_owner_assigneddate=Owner Assigned Date|hs_lifecyclestage_lead_date=Became a Lead Date
hs_lifecyclestage_subscriber_date=Became a Subscriber Date|hs_lifecyclestage_customer_date=Became a Customer Date
hs_lifecyclestage_marketingqualifiedlead_date=Became a Marketing Qualified Lead Date
hs_lifecyclestage_salesqualifiedlead_date=Became a Sales Qualified Lead Date
hs_lifecyclestage_opportunity_date=Became an Opportunity Date
"""
_DATES = "date_of_birth=Date of birth|start_date=Start date|graduation_date=Graduation date"
_BOOLEANS = """
hs_email_optout=Unsubscribed from all email|hs_email_is_ineligible=Is globally ineligible|hs_email_bad_address=Bad address
hs_is_contact=Is a contact|hs_is_unworked=Contact unworked|hs_email_quarantined=Email address quarantined
hs_marketable_status=Marketing contact status
"""
_ENUMERATIONS: dict[str, Enumeration] = {
    "lifecyclestage": ("Lifecycle Stage", "radio", LIFECYCLE_STAGES),
    "hs_lead_status": ("Lead Status", "radio", LEAD_STATUS),
    "hs_analytics_source": ("Original Traffic Source", "select", _SOURCES),
    "hs_latest_source": ("Latest Traffic Source", "select", _SOURCES),
    "hs_legal_basis": ("Legal basis for processing contact's data", "checkbox", _LEGAL_BASIS),
    "numemployees": ("Number of Employees", "select", _EMPLOYEES),
    "hubspot_owner_id": ("Contact owner", "select", []),
    "hubspot_team_id": ("HubSpot Team", "select", []),
}

# Kept by HubSpot itself; an API write to one of them is refused.
_CALCULATED_PREFIXES = ("hs_analytics_", "hs_email_", "hs_latest_source", "hs_object_source", "hs_sa_", "num_", "ip_")
_CALCULATED_NAMES = """
hs_object_id createdate lastmodifieddate hs_all_contact_vids hs_is_contact hs_is_unworked hs_pipeline
hs_merged_object_ids hs_calculated_merged_vids hs_calculated_phone_number hs_additional_emails first_conversion_date
first_conversion_event_name recent_conversion_date recent_conversion_event_name hs_last_sales_activity_timestamp
notes_last_contacted notes_last_updated notes_next_activity_date hubspot_owner_assigneddate days_to_close
hs_created_by_user_id hs_updated_by_user_id hs_user_ids_of_all_owners hs_time_to_first_engagement
hs_predictivecontactscore_v2 hubspotscore hs_marketable_status associatedcompanyid hs_ip_timezone
"""

CONTACTS = PropertyTable(
    group="contactinformation",
    text=_TEXT,
    textarea=_TEXTAREA,
    phones=_PHONES,
    numbers=_NUMBERS,
    datetimes=_DATETIMES,
    dates=_DATES,
    booleans=_BOOLEANS,
    enumerations=_ENUMERATIONS,
    kept=frozenset(_CALCULATED_NAMES.split()),
    kept_prefixes=_CALCULATED_PREFIXES,
    unique=("email", "hs_object_id"),
)

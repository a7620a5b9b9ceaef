"""The plain script: every contact of HubSpot becomes a Lead in Salesforce, with the official clients.

What a competent user writes in an afternoon: no checks, no state, no identity, no owner, no tasks. It reads the same
properties as the hub, and leaves everything else as the clients have it: Bulk 2.0 is asked after every five seconds.
"""

import json
import re
import sys
import time
from typing import Any

from benchmarks.official import hubspot, salesforce

PROPERTIES = """
inquiry_at createdate firstname lastname credentials email phone mobilephone company jobtitle address city state zip
country npi referring_npi specialty_form audience_type existing_patient service_line_interest program_code
preferred_location inquiry_urgency desired_timeline insurance_plan referral_partner_id appointment_request
preferred_contact_method email_permission phone_permission sms_permission capture_method form_name landing_page_url
hs_email_open hs_email_click hs_analytics_num_page_views hs_analytics_num_visits num_conversion_events
message submission_ip honeypot_value
""".split()

FIELDS = {
    "FirstName": ("firstname", 40),
    "LastName": ("lastname", 80),
    "Company": ("company", 255),
    "Title": ("jobtitle", 128),
    "Email": ("email", 80),
    "Phone": ("phone", 40),
    "Street": ("address", 255),
    "City": ("city", 40),
    "State": ("state", 80),
    "PostalCode": ("zip", 20),
    "Country": ("country", 80),
    "LeadSource": ("capture_method", 40),
    "Crosswalk_Service_Line__c": ("service_line_interest", 40),
    "Crosswalk_Location__c": ("preferred_location", 40),
    "Crosswalk_Urgency__c": ("inquiry_urgency", 20),
    "Crosswalk_Timeline__c": ("desired_timeline", 40),
    "Crosswalk_Contact_Preference__c": ("preferred_contact_method", 40),
    "Crosswalk_NPI__c": ("npi", 10),
    "Crosswalk_Specialty__c": ("specialty_form", 40),
}
"""Salesforce's field: HubSpot's property, and how much of it fits."""
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
"""What Salesforce takes for an address; it refuses the whole Lead for another."""


def read() -> list[Any]:
    """Read all contacts, a page of 100 after the other."""
    contacts, after = [], None
    api = hubspot().crm.contacts.basic_api
    while True:
        page = api.get_page(limit=100, after=after, properties=PROPERTIES)
        contacts.extend(page.results)
        if page.paging is None:
            return contacts
        after = page.paging.next.after


def lead(contact: Any) -> dict[str, str]:
    """Rename a contact's properties to a Lead's fields."""
    record = {field: (contact.properties[name] or "")[:size] for field, (name, size) in FIELDS.items()}
    email = record["Email"].strip().lower()
    record["Email"] = email if ADDRESS.fullmatch(email) else ""
    record["LastName"] = record["LastName"] or "[not given]"
    record["Company"] = record["Company"] or "[not given]"
    return {"Crosswalk_Id__c": contact.id, **record}


def main() -> None:
    """Read, rename, write; print what was done and how long each part took."""
    begun = time.monotonic()
    contacts = read()
    has_read = time.monotonic()
    leads = [lead(contact) for contact in contacts]
    has_mapped = time.monotonic()
    with salesforce() as crm:
        jobs = crm.bulk2.Lead.upsert(records=leads, external_id_field="Crosswalk_Id__c")
    ended = time.monotonic()
    failed = sum(job["numberRecordsFailed"] for job in jobs)
    told = {
        "read": len(contacts),
        "written": sum(job["numberRecordsProcessed"] for job in jobs) - failed,
        "failed": failed,
        "seconds": round(ended - begun, 3),
        "timings": {"read": has_read - begun, "map": has_mapped - has_read, "write": ended - has_mapped},
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()

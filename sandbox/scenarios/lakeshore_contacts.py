"""Writes one HubSpot contact per slot of the plan. Empty answers are left out, as HubSpot stores none."""

from __future__ import annotations

import random

from sandbox.scenarios.lakeshore_cast import Cast
from sandbox.scenarios.lakeshore_labels import (
    AUDIENCE_OTHER,
    AUDIENCES,
    CALL,
    CLINIC_MIX,
    COUNTRIES,
    CREDENTIALS,
    EXISTING,
    FAIR,
    FORMS,
    LOCATIONS,
    PLANS,
    PLANS_REFUSED,
    PREFERRED_CONTACT,
    PROGRAMS,
    REFERRAL,
    REFERRAL_URGENCIES,
    SERVICE_LINES,
    SERVICE_MIX,
    SPECIALTIES,
    STATE_NAMES,
    TELEHEALTH,
    TIMELINES,
    UNKNOWN_SERVICES,
    URGENCIES,
    WEB,
    pick,
    weighted,
)  # fmt: skip
from sandbox.scenarios.lakeshore_plan import JUNK, Plan
from sandbox.scenarios.lakeshore_text import (
    BUSINESS_LINES,
    EMERGENCY,
    HARMLESS,
    JOB,
    OPT_OUT,
    REFERRAL_LINES,
    TESTS,
    VENDOR,
    clinician_line,
    health_story,
    identifiers,
    social_security,
)  # fmt: skip
from sandbox.scenarios.lakeshore_tracking import landing
from sandbox.scenarios.names import LAST_NAMES
from sandbox.scenarios.npi import invalid_npi, valid_npi
from sandbox.scenarios.places import LEADING_ZERO, NEAR, OUT_OF_AREA, WASHINGTON

BURST_IP = "203.0.113.66"
SPREADSHEET_NPI = "1.23457E+09"
_PUBLIC_MIX = weighted({"patient": 88, "caregiver": 12})
_WEB_MIX = weighted({
    "patient": 836, "caregiver": 120, "care_manager": 12, "practice_admin": 12, "employer": 9, "payer": 7, "other": 4,
})  # fmt: skip
_TITLES = {"care_manager": "Care Manager", "practice_admin": "Practice Administrator", "employer": "Benefits Lead",
           "payer": "Network Manager"}  # fmt: skip
_STREETS = ("Harbor St", "Mill Rd", "Lake Ave", "Prairie Ln", "Elm Ct", "Station Rd")
_SMS = weighted({"true": 50, "false": 30, "": 20})
_STAGES = weighted({"lead": 92, "subscriber": 5, "": 3})


class ContactWriter:
    """Fills in what a person, a method and a case leave open, and notes the strings that must not travel on."""

    def __init__(self, rng: random.Random, plan: Plan, cast: Cast) -> None:
        self._rng = rng
        self._plan = plan
        self._cast = cast
        self._npi = 0
        self.canaries: dict[int, list[str]] = {}
        self.audiences: list[str] = [""] * plan.total
        self.lines = [pick(rng, SERVICE_MIX) for _ in range(plan.total)]
        for slot, original in plan.original_of.items():
            if rng.random() < 0.75:
                self.lines[slot] = self.lines[original]
        for slot in range(plan.total):
            if plan.case[slot] == "unknown_service":
                self.lines[slot] = ""

    def write(self, slot: int) -> dict[str, str]:
        """Everything about a contact except its id and its moments."""
        method, case = self._plan.methods[slot], self._plan.case[slot]
        audience = self._audience(slot, method, case)
        first, last = self._cast.names(slot)
        contact = {
            "email": self._cast.email(slot),
            "firstname": first,
            "lastname": last,
            "phone": self._cast.phone(slot),
            "capture_method": method,
        }
        self._inquiry(contact, slot, method, case, audience)
        self._place(contact, slot, case)
        self._consent(contact, method, case)
        self._activity(contact, method, case)
        if slot in self._cast.practice:
            self._profession(contact, slot, method, case)
        return {name: value for name, value in contact.items() if value}

    def _audience(self, slot: int, method: str, case: str) -> str:
        if method == REFERRAL:
            code = "clinician"
        elif case == "D41":
            code = "patient"
        elif method == WEB and not case:
            code = pick(self._rng, _WEB_MIX)
        else:
            code = pick(self._rng, _PUBLIC_MIX)
        if code == "patient" and self.lines[slot] == "pediatrics" and case != "D41" and self._rng.random() < 0.8:
            code = "caregiver"
        self.audiences[slot] = code
        return code

    def _inquiry(self, contact: dict[str, str], slot: int, method: str, case: str, audience: str) -> None:
        rng, line = self._rng, self.lines[slot]
        form = pick(rng, FORMS[method])
        contact["form_name"] = form
        contact["recent_conversion_event_name"] = form
        contact["audience_type"] = pick(rng, AUDIENCES[audience]) if audience in AUDIENCES else AUDIENCE_OTHER
        contact["service_line_interest"] = pick(rng, SERVICE_LINES[line]) if line else pick(rng, UNKNOWN_SERVICES)
        contact["inquiry_urgency"] = pick(rng, REFERRAL_URGENCIES if method == REFERRAL else URGENCIES)
        contact["desired_timeline"] = pick(rng, TIMELINES)
        asked = "Request an appointment" in form or rng.random() < 0.35
        contact["appointment_request"] = "true" if asked and audience in ("patient", "caregiver") else "false"
        if audience in ("patient", "caregiver"):
            contact["insurance_plan"] = pick(rng, PLANS_REFUSED if case == "payer_not_accepted" else PLANS)
            contact["existing_patient"] = "Yes" if self._plan.crm[slot] == "crm_contact" else pick(rng, EXISTING)
        if line in PROGRAMS and rng.random() < 0.06:
            contact["program_code"] = PROGRAMS[line]
        kind = {"clinician": "ptr", "employer": "emp", "practice_admin": "org"}.get(audience, "pat")
        region = "wa" if case == "telehealth_wa" else ""
        url, source = landing(rng, method, line, self._plan.track[slot], contact["email"], kind, region)
        contact["landing_page_url"] = url
        contact["hs_analytics_source"] = "OFFLINE" if method == FAIR else "REFERRALS" if method == REFERRAL else source
        if audience in _TITLES:
            contact["jobtitle"] = _TITLES[audience]
            contact["company"] = f"{pick(rng, LAST_NAMES)} {'Health Plan' if audience == 'payer' else 'Group'}"
        contact["message"] = self._message(slot, method, case, audience)

    def _message(self, slot: int, method: str, case: str, audience: str) -> str:
        rng = self._rng
        fixed = {"D50": EMERGENCY, "D20": VENDOR, "D43": JOB, "D17": TESTS, "opt_out": OPT_OUT}.get(case)
        if fixed:
            return pick(rng, fixed)
        if case == "D41":
            person = self._cast.person(slot)
            return clinician_line(rng, person.first, person.last)
        if case in ("D45", "D46", "health_text", "D42"):
            if case == "D45":
                text, canaries = identifiers(rng)
            elif case == "D46":
                text, canaries = social_security(rng)
            else:
                text, canaries = health_story(rng, case == "D42")
            self.canaries[slot] = canaries
            return text
        if case == "D19":
            return f"best offers at www.{self._cast.person(slot).last.lower()}.example.org"
        if rng.random() < 0.65:
            return ""
        if audience in _TITLES:
            return pick(rng, BUSINESS_LINES)
        return pick(rng, REFERRAL_LINES if method == REFERRAL else HARMLESS)

    def _place(self, contact: dict[str, str], slot: int, case: str) -> None:
        rng = self._rng
        clinic = pick(rng, CLINIC_MIX)
        places = NEAR[clinic]
        if case == "D31":
            contact["zip"] = "99999" if rng.random() < 0.5 else ""
            contact["country"] = "United States"
            return
        if case == "D32":
            contact["zip"], contact["city"], _ = self._cast.foreign(slot)
            return
        if case in ("out_of_area", "D29"):
            places = OUT_OF_AREA if case == "out_of_area" else LEADING_ZERO
            clinic = ""
        elif case == "telehealth_wa":
            places, clinic = WASHINGTON, TELEHEALTH
        zip_code, city, state = pick(rng, places)
        if case == "D29":
            zip_code = zip_code.lstrip("0")
        elif rng.random() < 0.05:
            zip_code = f"{zip_code}-{int(rng.random() * 8000) + 1000}"
        contact["zip"], contact["city"] = zip_code, city
        contact["state"] = STATE_NAMES.get(state, state) if rng.random() < 0.08 else state
        contact["country"] = pick(rng, COUNTRIES)
        if clinic and (case == "telehealth_wa" or rng.random() < 0.75):
            contact["preferred_location"] = pick(rng, LOCATIONS[clinic])
        if rng.random() < 0.2:
            contact["address"] = f"{int(rng.random() * 4800) + 101} {pick(rng, _STREETS)}"

    def _consent(self, contact: dict[str, str], method: str, case: str) -> None:
        rng = self._rng
        email = phone = "true"
        sms = "" if method in (CALL, FAIR, REFERRAL) else pick(rng, _SMS)
        if method == CALL and rng.random() < 0.4:
            email = ""
        if case == "D36":
            phone, sms = "false", "false"
        elif case == "opt_out":
            email = phone = sms = "false"
        elif case == "consent_blank":
            email = phone = sms = ""
        contact["email_permission"] = email if contact["email"] else ""
        contact["phone_permission"] = phone if contact["phone"] else ""
        contact["sms_permission"] = sms if contact["phone"] else ""
        if case == "opt_out":
            contact.update(email_permission="false", phone_permission="false", sms_permission="false")
        preferred = pick(rng, PREFERRED_CONTACT)
        contact["preferred_contact_method"] = "" if preferred == "Text" and sms != "true" else preferred

    def _activity(self, contact: dict[str, str], method: str, case: str) -> None:
        rng = self._rng
        if contact["phone"] and not case and rng.random() < 0.15:
            contact["mobilephone"] = contact["phone"]
        views = 1 + int(rng.random() ** 3 * 24)
        if method not in (CALL, FAIR, REFERRAL):
            contact["submission_ip"] = BURST_IP if case == "D19" else _address(rng)
        if method not in (FAIR, REFERRAL):
            contact["hs_analytics_num_page_views"] = str(views)
            contact["hs_analytics_num_visits"] = str(1 + views // 6)
        contact["num_conversion_events"] = str(1 + int(rng.random() ** 6 * 4))
        if contact["email"] and case not in JUNK:
            opens = int(rng.random() ** 3 * 14)
            contact["hs_email_open"] = str(opens)
            contact["hs_email_click"] = str(int(opens * rng.random() * 0.6))
        contact["lifecyclestage"] = pick(rng, _STAGES)
        contact["hs_lead_status"] = "NEW" if contact["lifecyclestage"] == "lead" else ""
        if case == "D19":
            contact["honeypot_value"] = f"http://www.{contact['lastname'].lower()}.example.org"

    def _profession(self, contact: dict[str, str], slot: int, method: str, case: str) -> None:
        rng, practice = self._rng, self._cast.practice[slot]
        contact["company"] = practice.name
        if case == "D41":
            return
        self._npi += 1
        npi = valid_npi(self._npi)
        contact["referring_npi"] = npi
        if case == "D33":
            contact["referring_npi"] = "1234567890" if rng.random() < 0.3 else invalid_npi(self._npi)
        elif case == "D34":
            contact["referring_npi"] = SPREADSHEET_NPI
        if rng.random() < 0.6:
            contact["npi"] = contact["referring_npi"]
        contact["credentials"] = pick(rng, CREDENTIALS)
        contact["specialty_form"] = pick(rng, SPECIALTIES)
        contact["referral_partner_id"] = practice.partner
        contact["zip"], contact["city"], contact["state"] = practice.zip, practice.city, practice.state


def _address(rng: random.Random) -> str:
    """An address from the ranges kept for documentation and benchmarks."""
    draw = int(rng.random() * 0x20000)
    if draw & 1:
        return f"2001:db8:{draw >> 1:x}::{int(rng.random() * 0xFFFF) + 1:x}"
    return f"198.{18 + (draw >> 16)}.{draw >> 8 & 255}.{draw & 254 | 1}"

"""What sales may do and say: statuses, reasons, dispositions, and how often each comes."""

from sandbox.sales.draw import Choices

STATUS_FIELD = "Crosswalk_Sales_Status__c"
REASON_FIELD = "Crosswalk_Reason__c"
DISPOSITION_FIELD = "Crosswalk_Disposition__c"
OUTCOME_FIELD = "Crosswalk_Meeting_Outcome__c"

#: Sales status -> Lead.Status; "Closed - Converted" comes by conversion only.
NATIVE = {
    "accepted": "Open - Not Contacted",
    "attempting": "Working - Contacted",
    "connected": "Working - Contacted",
    "sales_qualified": "Working - Contacted",
    "meeting_set": "Working - Contacted",
    "recycled": "Open - Not Contacted",
    "disqualified": "Closed - Not Converted",
}

#: Families fit, data, choice and permission close a lead; timing gives it back to marketing.
DISQUALIFY = Choices({
    "out_of_area": 8, "service_not_offered": 8, "specialty_mismatch": 3, "payer_not_accepted": 9, "too_small": 3,
    "wrong_buyer_role": 4, "competitor": 1, "vendor": 3, "job_seeker": 3, "student_press": 2,
    "invalid_contact": 10, "duplicate": 5, "role_account_only": 2, "test": 1,
    "already_customer": 8, "chose_competitor": 7, "info_only": 9,
    "opted_out": 7, "no_consent": 3, "no_see": 4,
})  # fmt: skip
RECYCLE = Choices({"not_now": 35, "no_response": 35, "no_budget": 12, "contract_locked": 8, "no_capacity": 10})

#: Code -> what Task.CallDisposition says.
DISPOSITIONS = {
    "connected": "Connected",
    "left_voicemail": "Left voicemail",
    "no_answer": "No answer",
    "wrong_number": "Wrong number",
    "gatekeeper": "Gatekeeper",
    "callback_requested": "Call back",
    "declined": "Declined",
    "do_not_contact": "Do not contact",
}
ATTEMPT = Choices({"left_voicemail": 40, "no_answer": 35, "wrong_number": 8, "gatekeeper": 9, "callback_requested": 8})
TALK = Choices({"connected": 94, "declined": 4, "do_not_contact": 2})

#: What a person types where a code is wanted.
TYPED = ("Warm-ish", "see my e-mail", "tbd", "talk to Kim first")
TYPED_SHARE = 0.01

STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review", "Closed Won")
DEAL = Choices({"advance": 55, "lose": 10, "rest": 35})

#: What happens next, by where a lead stands.
NEXT = {
    "new": Choices({"accept": 73, "attempt": 10, "disqualify": 6, "hand_over": 5, "note": 4, "merge": 1.3,
                    "delete": 0.7}),
    "accepted": Choices({"attempt": 59, "connect": 22, "disqualify": 6, "recycle": 4, "hand_over": 3, "note": 5,
                         "merge": 0.7, "delete": 0.3}),
    "attempting": Choices({"connect": 42, "attempt": 31.5, "recycle": 12, "disqualify": 7, "note": 5, "hand_over": 2,
                           "merge": 0.5}),
    "connected": Choices({"qualify": 42, "book": 22, "recycle": 12, "disqualify": 13, "note": 9, "hand_over": 2}),
    "sales_qualified": Choices({"book": 64, "convert": 10, "recycle": 9, "disqualify": 8, "note": 9}),
    "meeting ahead": Choices({"complete": 48, "no_show": 12, "cancel": 11, "reschedule": 22, "note": 7}),
    "met": Choices({"convert": 52, "book": 12, "recycle": 13, "disqualify": 12, "note": 11}),
    "missed": Choices({"book": 42, "attempt": 22, "recycle": 20, "disqualify": 10, "note": 6}),
}  # fmt: skip
LONGEST_CHAIN = 3

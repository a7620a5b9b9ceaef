"""The standard properties of the object types that hubs seldom touch and data taps walk all the same: a selection."""

from __future__ import annotations

from sandbox.hubspot.property_table import PropertyTable
from sandbox.hubspot.standard_shared import (
    ACTIVITY_TIMES,
    KEPT,
    KEPT_PREFIXES,
    NUMBERS,
    OWNERS,
    SOURCE,
    TIMES,
    same,
)

COMMUNICATIONS = PropertyTable(
    group="communication",
    text=f"hs_communication_body=Communication body|{SOURCE}",
    numbers=NUMBERS,
    datetimes=ACTIVITY_TIMES,
    enumerations={
        "hs_communication_channel_type": ("Channel type", "select", same("WHATS_APP", "LINKEDIN_MESSAGE", "SMS")),
        "hs_communication_logged_from": ("Logged from", "select", same("CRM")),
        **OWNERS,
    },
    kept=KEPT,
    kept_prefixes=KEPT_PREFIXES,
)
POSTAL_MAIL = PropertyTable(
    group="postal_mail",
    text=f"hs_postal_mail_body=Postal mail body|{SOURCE}",
    numbers=NUMBERS,
    datetimes=ACTIVITY_TIMES,
    enumerations=OWNERS,
    kept=KEPT,
    kept_prefixes=KEPT_PREFIXES,
)
_SURVEY = "hs_survey_id hs_survey_name hs_survey_type hs_value hs_content hs_sentiment hs_submission_timestamp".split()
FEEDBACK_SUBMISSIONS = PropertyTable(
    group="feedback_submission",
    text=f"hs_survey_name=Survey Name|hs_survey_type=Survey Type|hs_content=Content|hs_sentiment=Sentiment|{SOURCE}",
    numbers=f"{NUMBERS}|hs_survey_id=Survey ID|hs_value=Rating",
    datetimes=f"{TIMES}|hs_createdate=Create date|hs_submission_timestamp=Date submitted",
    enumerations=OWNERS,
    kept=KEPT | frozenset(_SURVEY),  # what people answered is read, never written [SPEC]
    kept_prefixes=KEPT_PREFIXES,
)
GOAL_TARGETS = PropertyTable(
    group="goalTargetInformation",
    text=f"hs_goal_name=Goal name|{SOURCE}",
    numbers=f"{NUMBERS}|hs_target_amount=Target amount",
    datetimes=f"{TIMES}|hs_createdate=Create date|hs_start_datetime=Start date|hs_end_datetime=End date",
    enumerations=OWNERS,
    kept=KEPT,
    kept_prefixes=KEPT_PREFIXES,
)
FORMS = PropertyTable(
    group="form_information",
    text=f"hs_name=Name|hs_form_id=Form ID|hs_form_type=Form type|{SOURCE}",
    numbers=NUMBERS,
    datetimes=f"{TIMES}|hs_createdate=Create date",
    enumerations=OWNERS,
    kept=KEPT,
    kept_prefixes=KEPT_PREFIXES,
)
DEAL_SPLITS = PropertyTable(
    group="deal_split_information",
    text=SOURCE,
    numbers=f"{NUMBERS}|hs_deal_split_percentage=Split percentage|hs_deal_split_amount=Split amount",
    datetimes=f"{TIMES}|hs_createdate=Create date",
    enumerations=OWNERS,
    kept=KEPT,
    kept_prefixes=KEPT_PREFIXES,
)

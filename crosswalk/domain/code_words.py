"""What the hub's codes mean, for people: its own here, the admins' in their files."""

from collections.abc import Mapping
from dataclasses import dataclass

CODES: Mapping[str, str] = {
    # before there is a lead
    "TEST_RECORD": "somebody tried the form out",
    "INTERNAL_RECORD": "it is one of our own people",
    "SPAM": "a machine filled the form in",
    "VENDOR": "somebody wants to sell to us",
    "JOB_SEEKER": "somebody looks for work",
    "SAFETY_REVIEW": "the text may tell of danger or of harm by a product",
    "COUNTRY_UNKNOWN": "it is not known which country's rules apply",
    "EMAIL_SUGGEST": "the e-mail address looks mistyped and there is no other way to reach the person",
    "EMAIL_DISPOSABLE": "the e-mail address is a throw-away one",
    "NOT_CONTACTABLE": "neither the e-mail address nor the phone number can be used",
    "REQUIRED_MISSING": "a field that this kind of lead needs is empty",
    "IDENTITY_AMBIGUOUS": "its keys belong to several people",
    "NPI_CONFLICT": "people with different NPIs share another key",
    "MERGED": "another inquiry of the same person is newer",
    "UNCHANGED": "nothing has changed",
    "GIVEN_BACK": "sales gave the lead back; it rests until its day has come or the person asks again",
    # qualification and routing
    "BELOW_THRESHOLD": "the scores are too low for sales",
    "NO_CONSENT": "nobody may contact the person yet",
    "NO_PERMITTED_CHANNEL": "the ways that are permitted do not reach the person",
    "WRONG_BUYER_ROLE": "not somebody whom sales sells to",
    "SERVICE_UNKNOWN": "it is not known what the person asks for",
    "SERVICE_NOT_OFFERED": "we do not offer it",
    "OUT_OF_AREA": "outside the area that we serve",
    "PAYER_NOT_ACCEPTED": "the person's plan is not accepted",
    "SERVICE_LINE_CLOSED": "the service line takes no new leads for a while",
    "NO_CAPACITY": "nobody can take one more lead",
    "NO_CAPACITY_URGENT": "nobody can take one more lead, and it cannot wait",
    "TERRITORY_UNMATCHED": "the place belongs to no territory",
    "NO_RULE": "no routing rule is about it",
    "INACTIVE": "not active",
    "ON_LEAVE": "on leave",
    "OFF_HOURS": "not on duty then",
    "OTHER_TERRITORY": "another territory",
    "OTHER_SERVICE_LINE": "another service line",
    "OTHER_PROGRAM": "another program",
    "DAILY_CAP": "daily cap {rest} reached",
    "OPEN_CAP": "cap of open leads {rest} reached",
    "MORE_LOADED": "could, but has more leads already",
    # handing over and writing
    "NO_HANDOFF_POINT": "no handoff point is about it",
    "PACKAGE_INCOMPLETE": "a part of the package for sales is missing",
    "ALREADY_SENT": "the target has been told the same before",
    "ALREADY_QUEUED": "it waits to be written already",
    "CONSENT_WITHDRAWN": "the person may not be contacted any more",
    "LEAD_WITHDRAWN": "a later decision took the lead back",
    "OWNER_UNKNOWN": "the CRM has no such user or queue",
    "PARENT_MISSING": "the record that it belongs to has not been written",
    "CRM_AMBIGUOUS": "several records of the CRM could be this lead's",
    "CRM_RECORD_CLOSED": "the CRM's record is closed",
    # the way back
    "STALE_EVENT": "it happened before what is known already",
    "REASON_MISSING": "sales closed it without saying why",
    "TRANSITION_UNKNOWN": "the status graph has no way there",
    "TRANSITION_SIDE": "it is the other side's move",
    "TRANSITION_FIELDS": "something that the move needs is not known",
    "UNKNOWN_LABEL": "a label that nobody has mapped",
    "NOT_OURS": "not about a lead of the hub",
    "reassigned": "given to somebody else",
    "reassigned_in_crm": "given to somebody else in the CRM",
    "withdrawn": "a later decision took it back",
}
"""What the hub's own codes mean; a code of the admins' files is explained there."""

RULES: Mapping[str, str] = {
    "keep-relationship": "whoever knows the person keeps them",
    "closed-service-line": "a closed service line waits",
    "default-queue": "what no rule or territory takes",
    "thresholds": "fit and intent against the thresholds",
    "bounds": "kept between 0 and 100",
}


@dataclass(frozen=True)
class Words:
    """What the admins say of their own codes: code -> meaning.

    ``bars`` are the thresholds of fit and intent, by motion; they are told of decisions of the same ``version`` only.
    """

    codes: Mapping[str, str]
    statuses: Mapping[str, str]
    rules: Mapping[str, str]
    bars: Mapping[str, tuple[int, int]]
    version: str

    def mean(self, code: str) -> str:
        """Return a code with its meaning, where anybody has said what it is."""
        name, _, rest = code.partition(" ")
        bare = name.partition("(")[0]
        about = self.codes.get(bare) or CODES.get(bare)
        if about is None:
            return code
        return f"{code} ({about.format(rest=rest)})"

    @staticmethod
    def about(code: str, meanings: Mapping[str, str]) -> str:
        """Return a code of a list with what it means there."""
        return f"{code}: {meanings[code]}" if code in meanings else code

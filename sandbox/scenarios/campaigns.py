"""The campaign codes that Lakeshore's synthetic links carry.

The hub reads its own registry file; a test keeps the two lists equal.
"""

from __future__ import annotations

from dataclasses import dataclass

_LIVE = """
2026q4-il-cardio-pat-ppc-afib afib-fall-2026|il_afib_search
2026q4-us-cardio-pat-ppc-afib-screening afib-screening-us
2026q4-wi-cardio-pat-soc-heart-month heart-month-wi
2026q4-il-cardio-pat-eml-heart-check
2026q4-il-ortho-pat-ppc-knee knee-fall-2026
2026q4-wi-ortho-pat-soc-joint-day
2026q4-in-ortho-pat-ppc-sports
2026q4-il-derm-pat-ppc-skin-check skin-check-search
2026q4-il-derm-pat-soc-skin-check
2026q4-il-neuro-pat-ppc-headache
2026q4-wi-neuro-pat-eml-brain-talk
2026q4-il-onco-pat-ppc-second-opinion second-opinion-2026
2026q4-wi-onco-pat-soc-screening-day
2026q4-il-wh-pat-ppc-new-patients wh-new-patients
2026q4-wi-wh-pat-soc-maternity
2026q4-il-wh-pat-eml-well-visit
2026q4-il-gi-pat-ppc-colon-check colon-check-search
2026q4-wi-gi-pat-eml-colon-check
2026q4-il-peds-pat-ppc-well-child
2026q4-in-peds-pat-soc-back-to-school
2026q4-il-bh-pat-ppc-new-patients bh-new-patients
2026q4-wa-bh-pat-ppc-telehealth
2026q4-wi-bh-pat-dsp-talk-to-us
2026q4-us-all-pat-ppc-brand brand-search|lakeshore-brand
2026q4-il-all-pat-ppc-find-a-doctor find-a-doctor
2026q4-wi-all-pat-ppc-find-a-doctor
2026q4-wa-all-pat-ppc-telehealth
2026q4-us-all-pat-eml-newsletter newsletter-fall
2026q4-us-all-pat-dsp-open-enrollment
2026q4-us-all-pat-soc-brand brand-social
2026q4-us-all-pat-vid-meet-us
2026q4-il-all-pat-evt-evanston-fair
2026q4-wi-all-pat-evt-milwaukee-fair
2026q4-in-all-pat-evt-hammond-fair
2026q4-us-all-ptr-ref-partner-portal partner-portal
2026q4-il-cardio-hcp-eml-referral-update
2026q4-us-all-emp-eml-workplace-health
2026q4-us-all-org-eml-practice-partners
"""
_ENDED = """
2026q3-il-cardio-pat-ppc-heart-summer
2026q3-wi-ortho-pat-soc-run-season
2026q3-il-derm-pat-dsp-sun-safety
2026q3-us-all-pat-eml-summer-letter
2026q3-in-peds-pat-evt-school-fair
2026q2-us-wh-pat-ppc-spring
"""
_DRAFT = """
2027q1-il-cardio-pat-ppc-heart-month
2027q1-us-all-pat-dsp-new-year
2027q1-wi-gi-pat-eml-march-check
2027q1-us-all-emp-eml-wellness
"""

#: Codes that somebody typed into an ad tool and nobody registered.
UNKNOWN_CODES = (
    "2026q4-il-cardio-pat-ppc-unlisted",
    "2026q4-wi-ortho-pat-ppc-hip-clinic",
    "2026q4-us-all-pat-soc-giveaway",
    "2026q4-il-peds-pat-eml-flu-letter",
    "spring-promo",
    "fall_sale_2",
    "retarget-pool-b",
    "agency-test-44",
    "boosted-post-oct",
    "il-metro-mix",
    "always-on",
    "q4-push",
)

CHANNELS = ("ppc", "soc", "eml", "dsp", "vid", "evt", "ref")


@dataclass(frozen=True, slots=True)
class Campaign:
    """One registered campaign, told apart by its code's parts."""

    code: str
    status: str
    aliases: tuple[str, ...]
    number: int

    @property
    def region(self) -> str:
        return self.code.split("-")[1]

    @property
    def line(self) -> str:
        return self.code.split("-")[2]

    @property
    def audience(self) -> str:
        return self.code.split("-")[3]

    @property
    def channel(self) -> str:
        return self.code.split("-")[4]


def _rows(text: str, status: str, first: int) -> list[Campaign]:
    rows = [line.split(" ") for line in text.strip().splitlines()]
    return [
        Campaign(row[0], status, tuple(row[1].split("|")) if len(row) > 1 else (), number)
        for number, row in enumerate(rows, start=first)
    ]


LIVE = _rows(_LIVE, "live", 101)
ENDED = _rows(_ENDED, "ended", 201)
DRAFT = _rows(_DRAFT, "draft", 301)
CAMPAIGNS = (*LIVE, *ENDED, *DRAFT)
ALIASED = tuple(campaign for campaign in LIVE if campaign.aliases and campaign.audience == "pat")


TELEHEALTH = tuple(campaign for campaign in LIVE if campaign.region == "wa")


def _index() -> dict[tuple[str, str, str], tuple[Campaign, ...]]:
    lines = sorted({campaign.line for campaign in LIVE})
    index: dict[tuple[str, str, str], tuple[Campaign, ...]] = {}
    for audience in ("pat", "hcp", "ptr", "emp", "org"):
        for channel in CHANNELS:
            here = [row for row in LIVE if (row.channel, row.audience) == (channel, audience) and row.region != "wa"]
            for line in lines:
                fitting = [row for row in here if row.line == line] + [row for row in here if row.line == "all"]
                index[audience, channel, line] = tuple(fitting or here)
    return index


BY_CHANNEL = _index()
"""(audience, channel, service line part) to the live campaigns that may have brought such a lead."""

"""The campaign codes that Lakeshore's synthetic links carry.

The hub reads its own registry file; a test keeps the two lists equal.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.scenarios.source import shipped

_DATA = shipped("lakeshore")["data"]

#: Codes that somebody typed into an ad tool and nobody registered.
UNKNOWN_CODES: tuple[str, ...] = tuple(_DATA["unknown_campaigns"])

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


def _rows(status: str, first: int) -> list[Campaign]:
    return [
        Campaign(code, status, tuple(aliases), number)
        for number, (code, aliases) in enumerate(_DATA["campaigns"][status].items(), start=first)
    ]


LIVE = _rows("live", 101)
ENDED = _rows("ended", 201)
DRAFT = _rows("draft", 301)
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

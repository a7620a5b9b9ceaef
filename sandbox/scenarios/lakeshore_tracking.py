"""Landing-page addresses as visitors arrive with them, sound or damaged in a stated way."""

from __future__ import annotations

import random

from sandbox.scenarios.campaigns import ALIASED, BY_CHANNEL, ENDED, TELEHEALTH, UNKNOWN_CODES, Campaign
from sandbox.scenarios.lakeshore_labels import (
    CALL,
    CHAT,
    FAIR,
    LINE_PARTS,
    PAID,
    REFERRAL,
    SLUGS,
    WEB,
    pick,
    weighted,
)  # fmt: skip

SITE = "https://www.lakeshore.example.org"
Params = list[tuple[str, str]]

_CHANNELS = {
    WEB: weighted({"": 30, "ppc": 30, "soc": 15, "eml": 15, "dsp": 5, "vid": 5}),
    CALL: weighted({"": 40, "ppc": 45, "soc": 8, "dsp": 7}),
    PAID: ("ppc",),
    CHAT: weighted({"": 45, "ppc": 35, "soc": 10, "eml": 10}),
    REFERRAL: weighted({"": 7, "ref": 3}),
    FAIR: ("evt",),
}
#: Channel -> (source, medium, click id parameter) as links carry them.
_TAGS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "ppc": (*(("google", "cpc", "gclid"),) * 6, ("bing", "cpc", "msclkid")),
    "soc": (*(("facebook", "paid_social", "fbclid"),) * 2, ("instagram", "paid_social", "")),
    "eml": (("hubspot", "email", ""),),
    "dsp": (("dv360", "display", "dclid"),),
    "vid": (("youtube", "video", ""),),
    "evt": (("health-fair", "event", ""),),
    "ref": (("partner-portal", "partner_referral", ""),),
}
#: What HubSpot's own source report says of such a visit.
ANALYTICS_SOURCES = {
    "": "ORGANIC_SEARCH", "ppc": "PAID_SEARCH", "soc": "PAID_SOCIAL", "eml": "EMAIL_MARKETING",
    "dsp": "OTHER_CAMPAIGNS", "vid": "PAID_SOCIAL", "evt": "OFFLINE", "ref": "REFERRALS",
}  # fmt: skip
#: The channel whose link a defect is made from.
_DEFECT_CHANNELS = {"D10": ("soc",), "D12": ("ppc",), "D02": ("ppc", "ppc", "soc", "eml"), "D03": ("ppc", "ppc", "soc")}
_PAGES = ("appointments", "our-team", "locations", "what-to-expect", "insurance")
_CONTENTS = ("ad-a", "ad-b", "hero", "footer", "sidebar", "button-blue")
_PLACEHOLDERS = (
    "{{campaign.name}}", "{{campaign.name}}", "{campaignid}", "%25%25campaign%25%25", "[campaign]", "(not%20set)",
)  # fmt: skip
_HEALTH_TERMS = {
    "cardiology": "irregular+heartbeat+doctor", "orthopedics": "torn+meniscus+surgery",
    "dermatology": "psoriasis+treatment+clinic", "neurology": "seizure+specialist",
    "oncology": "breast+cancer+second+opinion",
    "womens_health": "std+testing+near+me", "gastroenterology": "crohns+disease+doctor",
    "pediatrics": "child+asthma+clinic", "behavioral_health": "depression+therapy+near+me",
}  # fmt: skip
_ALNUM = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz-_"


def _token(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(_ALNUM, k=length))


def _page(rng: random.Random, line: str) -> str:
    return f"{SITE}/{SLUGS[line]}/{pick(rng, _PAGES)}" if line else f"{SITE}/{pick(rng, _PAGES)}"


def _params(rng: random.Random, channel: str, campaign: Campaign) -> Params:
    source, medium, click = pick(rng, _TAGS[channel])
    params = [("utm_source", source), ("utm_medium", medium), ("utm_campaign", campaign.code)]
    if channel in ("ppc", "soc", "dsp", "vid"):
        params.append(("utm_id", f"c{campaign.number}"))
    if rng.random() < 0.4:
        params.append(("utm_content", pick(rng, _CONTENTS)))
    if click:
        params.append((click, "Cj0K" + _token(rng, 18)))
    return params


def _joined(params: Params) -> str:
    return "&".join(f"{key}={value}" for key, value in params)


def _replaced(params: Params, **values: str) -> Params:
    return [(key, values.get(key, value)) for key, value in params]


def _shout(code: str) -> str:
    """A campaign code in the mixed case that people type."""
    return "-".join(
        part.upper() if position in (0, 1, 3) else part.capitalize() for position, part in enumerate(code.split("-"))
    )


def _damaged(rng: random.Random, kind: str, channel: str, params: Params, line: str, email: str) -> str:
    """The query (or fragment) that a defect leaves, with its leading mark."""
    plain = dict(params)
    if kind == "D01":
        shouted = {"google": "Google", "bing": "BING"}.get(plain["utm_source"], plain["utm_source"].title())
        params = _replaced(params, utm_source=shouted, utm_medium=plain["utm_medium"].upper(),
                           utm_campaign=_shout(plain["utm_campaign"]))  # fmt: skip
    elif kind == "D02":
        alias = {"ppc": {"utm_source": "adwords"}, "soc": {"utm_source": pick(rng, ("fb", "meta"))}}
        params = _replaced(params, **alias.get(channel, {"utm_medium": "newsletter"}))
    elif kind == "D03":
        params = _replaced(params, utm_source=pick(rng, ("gogle", "googel")) if channel == "ppc" else "facebok")
    elif kind == "D04":
        params = _replaced(params, utm_source="google%2520ads")
    elif kind == "D06":
        params = _replaced(params, utm_campaign=pick(rng, _PLACEHOLDERS))
    elif kind == "D08":
        address = email.replace("@", "%40") if rng.random() < 0.5 else email
        params = [pair for pair in params if pair[0] != "utm_content"] + [("utm_content", address)]
    elif kind == "D09":
        params = [*params, ("utm_term", _HEALTH_TERMS[line or "womens_health"])]
    elif kind == "D10":
        params = _replaced(params, utm_medium="social_paid")
    elif kind == "D12":
        params = [("gclid", "Cj0K" + _token(rng, 18))]
    elif kind == "utm_amp":
        return "?" + _joined(params).replace("&", "&amp;")
    elif kind == "utm_duplicate":
        params = [*params, ("utm_source", "newsletter")]
    elif kind == "utm_fragment":
        return "#" + _joined(params)
    return "?" + _joined(params)


def landing(
    rng: random.Random, method: str, line: str, kind: str, email: str, audience: str, region: str
) -> tuple[str, str]:
    """The landing page of one inquiry and HubSpot's source for it."""
    channel = pick(rng, _CHANNELS[method])
    if audience != "pat":
        channel = "ref" if audience == "ptr" and channel else ("eml" if channel else "")
    if kind:
        channel = pick(rng, _DEFECT_CHANNELS.get(kind, ("ppc",)))
        audience = "pat"
    if not channel:
        return _page(rng, line), ANALYTICS_SOURCES[""]
    fitting = BY_CHANNEL[audience, channel, LINE_PARTS.get(line, "all")]
    if region and channel == "ppc":
        fitting = TELEHEALTH
    campaign = pick(rng, fitting)
    if kind == "ended_campaign":
        campaign = pick(rng, ENDED)
    params = _params(rng, channel, campaign)
    if kind == "alias_campaign":
        params = _replaced(params, utm_campaign=pick(rng, pick(rng, ALIASED).aliases))
    elif kind == "unknown_campaign":
        params = _replaced(params, utm_campaign=pick(rng, UNKNOWN_CODES))
    return _page(rng, line) + _damaged(rng, kind, channel, params, line, email), ANALYTICS_SOURCES[channel]

"""E-mail addresses: what is shown, what is matched, and what must not be used (NRM-01; RFC 5321, 2142)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

import tldextract
from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email
from rapidfuzz import fuzz

_PLAIN = re.compile(
    r"(?=.{3,254}$)(?=[^@]{1,64}@)[a-z0-9]+([._+-][a-z0-9]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"^(?:[^<@]*<|mailto:)\s*|\s*>$", re.IGNORECASE)
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
SUGGEST_RATIO = 88


@dataclass(frozen=True)
class EmailStandard:
    """What the operator knows about addresses.

    ``tagged`` are domains whose provider ignores ``+tag``; ``dotless`` ignore dots as well; ``popular`` are the
    domains that a typo is compared with; ``typos`` maps a misspelt domain, or an ending that does not exist (``.con``),
    to what was meant; ``roles`` are local parts that name a desk, not a person.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    tagged: tuple[str, ...] = ()
    dotless: tuple[str, ...] = ()
    popular: tuple[str, ...] = ()
    typos: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Email:
    """One cleaned address; ``display`` is None when it cannot be used, ``key`` when it identifies nobody."""

    display: str | None
    key: str | None
    codes: tuple[str, ...] = ()


def clean(text: str, standard: EmailStandard) -> Email:
    """Clean one address; never guesses: a likely typo is suggested and the address is not used."""
    raw = _WRAPPED.sub("", text.strip()).rstrip(".").strip()
    if not raw:
        return Email(None, None)
    tidy = () if raw == text else ("EMAIL_TIDIED",)
    if raw.count("@") > 1 or re.search(r"[;,\s]", raw):
        return Email(None, None, (*tidy, "EMAIL_MULTIPLE" if raw.count("@") > 1 else "EMAIL_INVALID"))
    if not _PLAIN.fullmatch(raw) and not _is_valid(raw):
        return Email(None, None, (*tidy, "EMAIL_INVALID"))
    local, _, domain = raw.rpartition("@")
    domain = domain.lower()
    meant = _suggestion(domain, standard)
    if meant:
        return Email(None, None, (*tidy, f"EMAIL_SUGGEST({meant})"))
    display = f"{local}@{domain}"
    codes = tidy + (("EMAIL_DISPOSABLE",) if domain in blocklist else ())
    if local.lower() in standard.roles:
        return Email(display, None, (*codes, "EMAIL_ROLE"))
    return Email(display, _key(local.lower(), domain, standard), codes)


def _is_valid(address: str) -> bool:
    """Full syntax check for the few that the plain pattern does not settle; no DNS."""
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _key(local: str, domain: str, standard: EmailStandard) -> str:
    """Compare addresses as their provider delivers them; the whole address is folded for matching only."""
    if domain in standard.tagged or domain in standard.dotless:
        local = local.partition("+")[0]
    if domain in standard.dotless:
        local = local.replace(".", "")
    return f"{local}@{domain}"


def _suggestion(domain: str, standard: EmailStandard) -> str | None:
    return _suggest(domain, standard.popular, tuple(standard.typos.items()))


@lru_cache(maxsize=65536)
def _suggest(domain: str, popular: tuple[str, ...], typos: tuple[tuple[str, str], ...]) -> str | None:
    """Name the domain that was probably meant; domains are few, so each is looked at once."""
    table = dict(typos)
    if domain in table:
        return table[domain]
    if domain in popular:
        return None
    name, _, ending = domain.rpartition(".")
    if f".{ending}" in table:
        return name + table[f".{ending}"]
    near = max(popular, key=lambda known: fuzz.ratio(domain, known), default=None)
    if near is None or fuzz.ratio(domain, near) < SUGGEST_RATIO:
        return None
    # A real suffix at the end of a near miss may be a real, different domain (mail.com, gmx.com): only an impossible
    # suffix or a listed typo is proof enough to stop using an address.
    return near if not _SUFFIXES(domain).suffix else None

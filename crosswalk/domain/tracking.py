"""The UTM standard: read a landing page's parameters, normalise, alias, validate (TRK-01).

Every parameter ends in one of two ways: a value that may be trusted, or null and a code that says why. What was
written stays in ``utm_raw`` unless it was personal or about health; then it is gone from the stored URL as well.
"""

import html
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit, urlunsplit

import polars as pl
from rapidfuzz import fuzz

from crosswalk.domain.schema import CODES, UTM

SUGGEST_RATIO = 88
SHORTEST_FUZZY = 5  # "ig" is nearer to "bing" than to anything else: short words need the alias table
_STILL_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_PERSONAL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}|\d[\d\s().-]{6,}\d", re.IGNORECASE)
_VALID = re.compile(r"^[a-z0-9._-]+$")


@dataclass(frozen=True)
class UtmStandard:
    """The standard as data: what is required, known, and never allowed in a link.

    ``aliases`` maps a parameter to (spelling -> value); ``click_ids`` maps a click id parameter to the hub channel it
    proves; ``patient_pages`` are path prefixes on which a search term can name a condition.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    required: tuple[str, ...] = ("utm_source", "utm_medium", "utm_campaign")
    id_required_for: tuple[str, ...] = ()
    max_length: int = 100
    placeholders: tuple[str, ...] = ()
    mediums: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    click_ids: Mapping[str, str] = field(default_factory=dict)
    patient_pages: tuple[str, ...] = ()
    health_terms: tuple[str, ...] = ()


@dataclass
class Tracked:
    """What one URL says. ``values`` holds only trusted parameters."""

    url: str | None
    values: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    click_id: str | None = None
    codes: list[str] = field(default_factory=list)

    def note(self, code: str) -> None:
        """Add a code once."""
        if code not in self.codes:
            self.codes.append(code)


def read_url(url: str, standard: UtmStandard) -> Tracked:
    """Read one landing page URL."""
    result = Tracked(url=None)
    unescaped = html.unescape(url.strip())
    if unescaped != url.strip():
        result.note("UTM_HTML_ESCAPED")
    parts = urlsplit(unescaped)
    fragment_query = parts.fragment.partition("?")[2] if "?" in parts.fragment else parts.fragment
    in_query = parse_qsl(_plus_kept(parts.query), keep_blank_values=True)
    in_fragment = parse_qsl(_plus_kept(fragment_query), keep_blank_values=True) if "=" in fragment_query else []
    given: dict[str, str] = {}
    kept: list[tuple[str, str]] = []
    for name, value in in_query + in_fragment:
        lowered = name.lower()
        if lowered in standard.click_ids:
            result.click_id = result.click_id or lowered
            continue  # a click id identifies a person online: its name is enough
        if lowered in UTM:
            if given.get(lowered):
                result.note("UTM_DUPLICATE_PARAM")
            else:
                given[lowered] = value
            continue
        if lowered.startswith("utm") and fuzz.ratio(lowered, near := _nearest(lowered)) >= SUGGEST_RATIO:
            result.note(f"UTM_PARAM_SUGGEST({near})")
        if _PERSONAL.search(unquote_plus(value)):
            result.note("URL_PII")
        elif _is_health(value, standard):
            result.note("URL_HEALTH_TERM")
        else:
            kept.append((name, value))
    patient_page = any(parts.path.startswith(prefix) for prefix in standard.patient_pages)
    for name, value in given.items():
        _read_value(result, name, value, standard, patient_page=patient_page)
    for name in standard.required:
        if not given.get(name):
            result.note("UTM_MISSING")
    if result.values.get("utm_medium") in standard.id_required_for and "utm_id" not in result.values:
        result.note("UTM_ID_MISSING")
    kept += list(result.raw.items())
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in kept)
    result.url = urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path, query, "")) or None
    return result


def _plus_kept(query: str) -> str:
    """Protect ``+`` from the parser: whether it is a space is decided where the value is decoded."""
    return query.replace("+", "%2B")


def _nearest(name: str) -> str:
    return max(UTM, key=lambda known: fuzz.ratio(name, known))


def _is_health(value: str, standard: UtmStandard) -> bool:
    words = set(re.split(r"[^a-z0-9]+", value.lower()))
    return any(term in words for term in standard.health_terms)


def _read_value(result: Tracked, name: str, once: str, standard: UtmStandard, *, patient_page: bool) -> None:
    """Judge one parameter; ``once`` has been percent-decoded once, with ``+`` still in place."""
    value = once
    if _STILL_ENCODED.search(value):
        value = unquote_plus(value)
        result.note("UTM_DOUBLE_ENCODED")
    value = unicodedata.normalize("NFKC", value.replace("+", " ")).strip()
    if not value:
        return
    lowered = value.lower()
    if any(_is_placeholder(lowered, pattern) for pattern in standard.placeholders):
        result.raw[name] = value
        result.note("UTM_PLACEHOLDER")
        return
    if _PERSONAL.search(lowered):
        result.note("UTM_PII")
        return
    if (name == "utm_term" and patient_page) or _is_health(lowered, standard):
        result.note("UTM_HEALTH_TERM")
        return
    result.raw[name] = value
    folded = re.sub(r"\s+", "-", lowered)
    alias = standard.aliases.get(name, {}).get(folded)
    if alias:
        result.note("UTM_ALIAS")
        folded = alias
    if len(folded) > standard.max_length:
        result.note("UTM_TOO_LONG")
    elif not _VALID.match(folded):
        result.note("UTM_INVALID_CHARACTERS")
    elif name == "utm_medium" and folded not in standard.mediums:
        near = _suggest(folded, standard.mediums)
        result.note("UTM_UNKNOWN_MEDIUM")
        if near:
            result.note(f"UTM_SUGGEST({near[0]}, {near[1]})")
    elif name == "utm_source" and folded not in standard.sources and (near := _suggest(folded, standard.sources)):
        result.note(f"UTM_SUGGEST({near[0]}, {near[1]})")
    else:
        result.values[name] = folded


def _is_placeholder(value: str, pattern: str) -> bool:
    """``{{*}}`` stands for anything between the braces; other entries are literal."""
    if "*" in pattern:
        start, _, end = pattern.partition("*")
        return value.startswith(start) and value.endswith(end) and len(value) >= len(start) + len(end)
    return value == pattern


def _suggest(value: str, known: tuple[str, ...]) -> tuple[str, int] | None:
    """The known value that was probably meant, and how sure: a suggestion for a person, never applied."""
    if len(value) < SHORTEST_FUZZY or not known:
        return None
    best = max(known, key=lambda candidate: fuzz.token_sort_ratio(_words(value), _words(candidate)))
    ratio = round(fuzz.token_sort_ratio(_words(value), _words(best)))
    return (best, ratio) if ratio >= SUGGEST_RATIO else None


def _words(value: str) -> str:
    return re.sub(r"[._-]+", " ", value)


def read_urls(urls: pl.Series, standard: UtmStandard) -> pl.DataFrame:
    """Read a column of URLs.

    Returns:
        A frame of the same height with ``landing_url``, the nine UTM columns, ``utm_raw`` (JSON text), ``click_id``
        and ``tracking_codes`` (List of String).
    """
    seen = {url: read_url(url, standard) for url in urls.drop_nulls().unique(maintain_order=True).to_list() if url}
    nothing = Tracked(url=None)
    rows = [seen.get(url, nothing) for url in urls.to_list()]
    return pl.DataFrame(
        {
            "landing_url": [row.url for row in rows],
            **{name: [row.values.get(name) for row in rows] for name in UTM},
            "utm_raw": [json.dumps(row.raw, sort_keys=True) if row.raw else None for row in rows],
            "click_id": [row.click_id for row in rows],
            "tracking_codes": [row.codes for row in rows],
        },
        schema={
            "landing_url": pl.String,
            **dict.fromkeys(UTM, pl.String),
            "utm_raw": pl.String,
            "click_id": pl.String,
            "tracking_codes": CODES,
        },
    )

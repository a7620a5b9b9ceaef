"""The UTM standard: read a landing page's parameters, normalise, alias, validate (TRK-01).

Every parameter ends in one of two ways: a value that may be trusted, or null and a code that says why. What was
written stays in ``utm_raw`` unless it was personal or about health; then it is gone from the stored URL as well.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import SplitResult, parse_qsl, quote, unquote_plus, urlsplit, urlunsplit

import polars as pl
from rapidfuzz import fuzz

from crosswalk.domain.schema import CODES, UTM

SUGGEST_RATIO = 88
PARAMETER_RATIO = 85  # two letters swapped in utm_term
SHORTEST_FUZZY = 5  # "ig" is nearer to "bing" than to anything else: short words need the alias table
_ESCAPED = re.compile(r"&(?:amp|#38|#x26);", re.IGNORECASE)  # html.unescape would also read "&region=" as "®ion="
_STILL_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_PERSONAL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}|\d[\d\s().-]{6,}\d", re.IGNORECASE)
_VALID = re.compile(r"[a-z0-9._-]+")


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


def read_url(url: str, standard: UtmStandard, name: Collection[str] = ()) -> Tracked:
    """Read one landing page URL; a value with every word of the visitor's ``name`` is personal as well."""
    result = Tracked(url=None)
    unescaped = url.strip()
    while (once := _ESCAPED.sub("&", unescaped)) != unescaped:
        unescaped = once
        result.note("UTM_HTML_ESCAPED")
    try:
        parts = urlsplit(unescaped)
    except ValueError:  # brackets where a host should be
        result.note("URL_INVALID")
        return result
    fragment_query = parts.fragment.partition("?")[2] if "?" in parts.fragment else parts.fragment
    in_query = parse_qsl(_plus_kept(parts.query), keep_blank_values=True)
    in_fragment = parse_qsl(_plus_kept(fragment_query), keep_blank_values=True) if "=" in fragment_query else []
    given: dict[str, str] = {}
    kept: list[tuple[str, str]] = []
    patient_page = any(parts.path.startswith(prefix) for prefix in standard.patient_pages)
    for parameter, value in in_query + in_fragment:
        lowered = parameter.lower().strip()
        if lowered in standard.click_ids:
            result.click_id = result.click_id or lowered
            continue  # a click id identifies a person online: its name is enough
        if lowered in UTM:
            if lowered in given:
                result.note("UTM_DUPLICATE_PARAM")
            given[lowered] = given.get(lowered) or value
            continue
        near = _nearest(lowered)
        if near:
            result.note(f"UTM_PARAM_SUGGEST({near})")
        if _is_personal(parameter, name) or _is_personal(value, name):
            result.note("URL_PII")
        elif _is_health(value, standard) or (near == "utm_term" and patient_page):
            result.note("URL_HEALTH_TERM")
        else:
            kept.append((parameter, value))
    for parameter, value in given.items():
        _read_value(result, parameter, value, standard, name, patient_page=patient_page)
    if (given or result.click_id) and not all(given.get(parameter) for parameter in standard.required):
        result.note("UTM_MISSING")  # a visit without any tag is nobody's mistake
    if result.values.get("utm_medium") in standard.id_required_for and "utm_id" not in result.values:
        result.note("UTM_ID_MISSING")
    kept += list(result.raw.items())
    query = "&".join(f"{quote(parameter, safe='')}={quote(value, safe='')}" for parameter, value in kept)
    path = _path(result, parts, name)
    host = parts.netloc.rpartition("@")[2].lower()
    result.url = urlunsplit((parts.scheme.lower(), host, path, query, "")) or None
    return result


def _path(result: Tracked, parts: SplitResult, name: Collection[str]) -> str:
    """The path, without the parts of it that are personal."""
    kept = ["" if _is_personal(part, name) else part for part in parts.path.split("/")]
    path = "/".join(kept)
    if path != parts.path or "@" in parts.netloc:
        result.note("URL_PII")
    return path


def _plus_kept(query: str) -> str:
    """Protect ``+`` from the parser: whether it is a space is decided where the value is decoded."""
    return query.replace("+", "%2B")


def _nearest(parameter: str) -> str | None:
    """The UTM parameter that a misspelt name was probably meant to be."""
    if not parameter.startswith("utm"):
        return None
    near = max(UTM, key=lambda known: fuzz.ratio(parameter, known))
    return near if fuzz.ratio(parameter, near) >= PARAMETER_RATIO else None


def _decoded(text: str) -> str:
    """Undo every layer of encoding, to judge what a text says, not what becomes of it."""
    for _ in range(4):
        if not _STILL_ENCODED.search(text):
            break
        text = unquote_plus(text)
    return unicodedata.normalize("NFKC", text.replace("+", " "))


def _words(value: str) -> list[str]:
    return re.findall(r"[^\W_]+", value.lower())


def _is_personal(text: str, name: Collection[str]) -> bool:
    plain = _decoded(text)
    return bool(_PERSONAL.search(plain) or (name and set(name) <= set(_words(plain))))


def _is_health(value: str, standard: UtmStandard) -> bool:
    return not set(standard.health_terms).isdisjoint(_words(_decoded(value)))


def _read_value(
    result: Tracked, parameter: str, once: str, standard: UtmStandard, name: Collection[str], *, patient_page: bool
) -> None:
    """Judge one parameter; ``once`` has been percent-decoded once, with ``+`` still in place."""
    value = once
    placeholder = _is_placeholder(value, standard)  # before decoding again: "%%campaign%%" holds a "%ca"
    if _STILL_ENCODED.search(value) and not placeholder:
        value = unquote_plus(value)
        result.note("UTM_DOUBLE_ENCODED")
        placeholder = _is_placeholder(value, standard)
    value = unicodedata.normalize("NFKC", value.replace("+", " ")).strip()
    if not value:
        return
    lowered = value.lower()
    if _is_personal(value, name):
        result.note("UTM_PII")
        return
    if (parameter == "utm_term" and patient_page) or _is_health(lowered, standard):
        result.note("UTM_HEALTH_TERM")
        return
    result.raw[parameter] = value
    if placeholder:
        result.note("UTM_PLACEHOLDER")
        return
    folded = re.sub(r"\s+", "-", lowered)
    alias = standard.aliases.get(parameter, {}).get(folded)
    if alias:
        result.note("UTM_ALIAS")
        folded = alias
    if len(folded) > standard.max_length:
        result.note("UTM_TOO_LONG")
    elif not _VALID.fullmatch(folded):
        result.note("UTM_INVALID_CHARACTERS")
    elif parameter == "utm_medium" and folded not in standard.mediums:
        near = _suggest(folded, standard.mediums)
        result.note("UTM_UNKNOWN_MEDIUM")
        if near:
            result.note(f"UTM_SUGGEST({near[0]}, {near[1]})")
    elif parameter == "utm_source" and folded not in standard.sources and (near := _suggest(folded, standard.sources)):
        result.note(f"UTM_SUGGEST({near[0]}, {near[1]})")
    else:
        result.values[parameter] = folded


def _is_placeholder(value: str, standard: UtmStandard) -> bool:
    """``{{*}}`` stands for anything between the braces; other entries are literal."""
    text = value.replace("+", " ").strip().lower()
    return any(
        text == start if not star else len(text) >= len(start + end) and text.startswith(start) and text.endswith(end)
        for start, star, end in (pattern.partition("*") for pattern in standard.placeholders)
    )


def _suggest(value: str, known: tuple[str, ...]) -> tuple[str, int] | None:
    """The known value that was probably meant, and how sure: a suggestion for a person, never applied."""
    if len(value) < SHORTEST_FUZZY or not known:
        return None
    spaced = " ".join(_words(value))
    ratios = {candidate: fuzz.token_sort_ratio(spaced, " ".join(_words(candidate))) for candidate in known}
    best = max(ratios, key=lambda candidate: ratios[candidate])
    return (best, round(ratios[best])) if ratios[best] >= SUGGEST_RATIO else None


def read_urls(urls: pl.Series, standard: UtmStandard, people: pl.DataFrame | None = None) -> pl.DataFrame:
    """Read a column of URLs; ``people`` are the visitors' ``first_name`` and ``last_name``, where they are known.

    Returns:
        A frame of the same height with ``landing_url``, the nine UTM columns, ``utm_raw`` (JSON text), ``click_id``
        and ``tracking_codes`` (List of String).
    """
    seen = {url: read_url(url, standard) for url in urls.drop_nulls().unique(maintain_order=True).to_list() if url}
    nothing = Tracked(url=None)
    rows = [seen.get(url, nothing) for url in urls.to_list()]
    if people is not None:
        for index, (url, first, last) in enumerate(zip(urls, people["first_name"], people["last_name"], strict=True)):
            name = _words(f"{first} {last}") if url and first and last else []
            if name and all(word in url.lower() for word in name):
                rows[index] = read_url(url, standard, name)
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

"""The UTM standard: read a landing page's parameters, normalise, alias, validate (TRK-01).

Every parameter ends in one of two ways: a value that may be trusted, or null and a code that says why. What was
written stays in ``utm_raw`` unless it was personal or about health; then it is gone from the stored URL as well.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, unquote_plus, urlsplit, urlunsplit

import polars as pl
from rapidfuzz import fuzz

from crosswalk.domain.schema import UTM, code_lists

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


class Judged(NamedTuple):
    """What one parameter says: its codes in order, the text as written if it may be kept, the value to be trusted."""

    codes: tuple[str, ...]
    raw: str | None = None
    value: str | None = None


Memo = dict[tuple[str, str, bool], Judged]
"""Judgements by parameter, text and whether the page is a patient's; URLs are many, their parameters are few."""


def read_url(url: str, standard: UtmStandard, name: Collection[str] = (), memo: Memo | None = None) -> Tracked:
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
    patient_page = any(parts.path.startswith(prefix) for prefix in standard.patient_pages)
    given, kept = _sort_out(result, in_query + in_fragment, standard, name, patient_page=patient_page)
    for parameter, value in given.items():
        judged = _remembered(memo, (parameter, value, patient_page), standard, name)
        for code in judged.codes:
            result.note(code)
        if judged.raw is not None:
            result.raw[parameter] = judged.raw
        if judged.value is not None:
            result.values[parameter] = judged.value
    if (given or result.click_id) and not all(given.get(parameter) for parameter in standard.required):
        result.note("UTM_MISSING")  # a visit without any tag is nobody's mistake
    if result.values.get("utm_medium") in standard.id_required_for and "utm_id" not in result.values:
        result.note("UTM_ID_MISSING")
    kept += list(result.raw.items())
    query = "&".join(f"{_quoted(parameter)}={_quoted(value)}" for parameter, value in kept)
    path = _path(result, parts, name)
    host = parts.netloc.rpartition("@")[2].lower()
    result.url = urlunsplit((parts.scheme.lower(), host, path, query, "")) or None
    return result


def _sort_out(
    result: Tracked,
    parameters: list[tuple[str, str]],
    standard: UtmStandard,
    name: Collection[str],
    *,
    patient_page: bool,
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the UTM parameters, the first that says something of each, and the others that may be kept."""
    given: dict[str, str] = {}
    kept: list[tuple[str, str]] = []
    for parameter, value in parameters:
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
    return given, kept


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


@lru_cache(maxsize=65_536)
def _quoted(text: str) -> str:
    return quote(text, safe="")


@lru_cache(maxsize=4_096)
def _nearest(parameter: str) -> str | None:
    """The UTM parameter that a misspelt name was probably meant to be."""
    if not parameter.startswith("utm"):
        return None
    near = max(UTM, key=lambda known: fuzz.ratio(parameter, known))
    return near if fuzz.ratio(parameter, near) >= PARAMETER_RATIO else None


@lru_cache(maxsize=65_536)
def _decoded(text: str) -> str:
    """Undo every layer of encoding, to judge what a text says, not what becomes of it."""
    for _ in range(4):
        if not _STILL_ENCODED.search(text):
            break
        text = unquote_plus(text)
    return unicodedata.normalize("NFKC", text.replace("+", " "))


def _words(value: str) -> list[str]:
    return re.findall(r"[^\W_]+", value.lower())


@lru_cache(maxsize=65_536)
def _said(text: str) -> frozenset[str]:
    return frozenset(_words(_decoded(text)))


@lru_cache(maxsize=65_536)
def _looks_personal(text: str) -> bool:
    return _PERSONAL.search(_decoded(text)) is not None


def _is_personal(text: str, name: Collection[str]) -> bool:
    return _looks_personal(text) or bool(name and set(name) <= _said(text))


def _is_health(value: str, standard: UtmStandard) -> bool:
    return not _said(value).isdisjoint(standard.health_terms)


def _remembered(memo: Memo | None, key: tuple[str, str, bool], standard: UtmStandard, name: Collection[str]) -> Judged:
    """Judge a parameter, once for all URLs that carry it; what is personal to one visitor is judged anew."""
    if memo is None or name:
        return _judge(*key, standard, name)
    if key not in memo:
        memo[key] = _judge(*key, standard, name)
    return memo[key]


def _judge(parameter: str, once: str, patient_page: bool, standard: UtmStandard, name: Collection[str]) -> Judged:
    """Judge one parameter; ``once`` has been percent-decoded once, with ``+`` still in place."""
    value, codes = once, []
    placeholder = _is_placeholder(value, standard)  # before decoding again: "%%campaign%%" holds a "%ca"
    if _STILL_ENCODED.search(value) and not placeholder:
        value = unquote_plus(value)
        codes.append("UTM_DOUBLE_ENCODED")
        placeholder = _is_placeholder(value, standard)
    value = unicodedata.normalize("NFKC", value.replace("+", " ")).strip()
    if not value:
        return Judged(tuple(codes))
    lowered = value.lower()
    if _is_personal(value, name):
        return Judged((*codes, "UTM_PII"))
    if (parameter == "utm_term" and patient_page) or _is_health(lowered, standard):
        return Judged((*codes, "UTM_HEALTH_TERM"))
    if placeholder:
        return Judged((*codes, "UTM_PLACEHOLDER"), value)
    folded = re.sub(r"\s+", "-", lowered)
    alias = standard.aliases.get(parameter, {}).get(folded)
    if alias:
        codes.append("UTM_ALIAS")
        folded = alias
    doubts = _doubts(parameter, folded, standard)
    return Judged((*codes, *doubts), value, None if doubts else folded)


def _doubts(parameter: str, folded: str, standard: UtmStandard) -> tuple[str, ...]:
    """Return why a normalised value is not to be trusted, with a suggestion where there is one."""
    if len(folded) > standard.max_length:
        return ("UTM_TOO_LONG",)
    if not _VALID.fullmatch(folded):
        return ("UTM_INVALID_CHARACTERS",)
    known = {"utm_medium": standard.mediums, "utm_source": standard.sources}.get(parameter, ())
    if parameter not in {"utm_medium", "utm_source"} or folded in known:
        return ()
    near = _suggest(folded, known)
    suggested = (f"UTM_SUGGEST({near[0]}, {near[1]})",) if near else ()
    return ("UTM_UNKNOWN_MEDIUM", *suggested) if parameter == "utm_medium" else suggested


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
    memo: Memo = {}
    plain = _without_click_ids(urls.alias("url"), standard)
    known = plain.drop_nulls().unique(maintain_order=True)
    read = [read_url(url, standard, memo=memo) for url in known.to_list()]
    place = pl.DataFrame({"url": known, "place": pl.int_range(known.len(), eager=True)})
    places = plain.to_frame().join(place, on="url", how="left", maintain_order="left")["place"]
    if people is not None:
        named = [(row, read_url(url, standard, name)) for row, url, name in _named(urls, people)]
        own = pl.DataFrame(
            {"row": [row for row, _ in named], "own": pl.int_range(len(read), len(read) + len(named), eager=True)},
            schema={"row": pl.UInt32, "own": pl.Int64},
        )
        read += [tracked for _, tracked in named]
        frame = places.to_frame().with_row_index("row").join(own, on="row", how="left", maintain_order="left")
        places = frame.select(pl.coalesce("own", "place"))["own"]
    return _frame([*read, Tracked(url=None)])[places.fill_null(len(read))]


def _without_click_ids(urls: pl.Series, standard: UtmStandard) -> pl.Series:
    """Empty the values of click ids, which nobody reads: what is left are few URLs, each read once."""
    names = "|".join(re.escape(name) for name in standard.click_ids)
    kept = urls.str.replace_all(rf"(?i)([?&](?:{names})=)[A-Za-z0-9_.-]*", "$1") if names else urls
    return kept.to_frame().select(pl.when(kept != "").then(kept).alias("url"))["url"]


def _named(urls: pl.Series, people: pl.DataFrame) -> Iterator[tuple[int, str, list[str]]]:
    """Yield row, URL and words of the name, where every word of the visitor's name may be in the URL."""
    word = pl.col("first_name").str.extract(r"([\pL\pN]+)", 1).str.to_lowercase()
    near = pl.DataFrame({"url": urls, **people.select("first_name", "last_name").to_dict()}).with_row_index("row")
    for row, url, first, last in near.filter(pl.col("url").str.to_lowercase().str.contains(word, literal=True)).rows():
        name = _words(f"{first} {last}") if first and last else []
        if name and all(part in url.lower() for part in name):
            yield row, url, name


def _frame(rows: list[Tracked]) -> pl.DataFrame:
    columns = {
        "landing_url": [row.url for row in rows],
        **{name: [row.values.get(name) for row in rows] for name in UTM},
        "utm_raw": [json.dumps(row.raw, sort_keys=True) if row.raw else None for row in rows],
        "click_id": [row.click_id for row in rows],
    }
    codes = code_lists([tuple(row.codes) for row in rows])
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(codes.alias("tracking_codes"))

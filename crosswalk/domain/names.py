"""Personal names: repaired, split from credentials, never "corrected" (NRM-01)."""

import re
import unicodedata

import ftfy

CREDENTIALS = frozenset(
    "MD DO NP PA PA-C RN BSN MSN DNP APRN FNP PHARMD PHD DDS DMD MPH MBA LCSW PSYD OD DPM DC".split()
)
AMBIGUOUS = frozenset({"DO"})
"""Credentials that are family names as well: without a comma only where the capitals tell them apart."""
_LAST_WORD = re.compile(r"([\s,]+)([A-Za-z.-]+)\s*$")
_TITLES = re.compile(r"^(dr|mr|mrs|ms|prof)\.?\s+", re.IGNORECASE)
PLAIN = r"^[A-Z][a-z]+$"
"""A name that needs nothing: skipped by the frame functions, which is most of them."""


def clean(text: str) -> tuple[str | None, list[str]]:
    """Repair one name part: mojibake, composed form, spacing; all capitals become title case, particles stay.

    >>> clean("  MARY ANN "), clean("de la Cruz"), clean("JosÃ©")
    (('Mary Ann', ['NAME_CASE']), ('de la Cruz', []), ('José', ['MOJIBAKE_FIXED']))
    """
    codes = []
    fixed = ftfy.fix_text(text, uncurl_quotes=False)
    if fixed != unicodedata.normalize("NFC", text):
        codes.append("MOJIBAKE_FIXED")
    fixed = " ".join(unicodedata.normalize("NFC", fixed).split()).strip(" ,;")
    fixed = _TITLES.sub("", fixed)
    letters = [char for char in fixed if char.isalpha()]
    if len(letters) > 2 and all(char.isupper() for char in letters):
        fixed = re.sub(r"[^\W\d_]+", lambda word: word.group().capitalize(), fixed)
        codes.append("NAME_CASE")
    return fixed or None, codes


def split_credentials(text: str) -> tuple[str, str | None]:
    """Take trailing credentials off a name; what is left keeps its commas.

    >>> split_credentials("Jane Doe, MD, PhD"), split_credentials("DOE, JANE, RN"), split_credentials("Minh Do")
    (('Jane Doe', 'MD PhD'), ('DOE, JANE', 'RN'), ('Minh Do', None))
    """
    taken: list[str] = []
    rest = text.strip()
    while last := _LAST_WORD.search(rest):
        separator, word = last.group(1), last.group(2).replace(".", "")
        before = rest[: last.start()]
        told_apart = "," in separator or (word.isupper() and not before.isupper())
        if word.upper() not in CREDENTIALS or (word.upper() in AMBIGUOUS and not told_apart):
            break
        taken.insert(0, word)
        rest = before
    return (rest.strip(" ,"), " ".join(taken)) if taken else (text, None)


def person(first: str | None, last: str | None) -> tuple[str | None, str | None, str | None, list[str]]:
    """Clean a first and last name together; ``LAST, FIRST`` in one field, whichever it is, is split.

    Returns first, last, credentials and codes.

    >>> person(None, "DOE, JANE A., MD")
    ('Jane A.', 'Doe', 'MD', ['NAME_SPLIT', 'CREDENTIALS_SPLIT', 'NAME_CASE'])
    >>> person("Cher", None), person(None, "Patel, MD")
    ((None, 'Cher', None, ['NAME_SINGLE']), (None, 'Patel', 'MD', ['CREDENTIALS_SPLIT']))
    """
    codes: list[str] = []
    given, family = first or "", last or ""
    single = not family.strip()  # one name is a name; every CRM files it as the family name
    if single:
        given, family = "", given
    family, credentials = split_credentials(family)
    head, comma, tail = (part.strip() for part in family.partition(","))
    if comma and (not given.strip() or tail.casefold() == given.strip().casefold()):  # "Smith, Jr." keeps its comma
        given, family = tail, head
        codes.append("NAME_SPLIT")
    if not credentials:
        given, credentials = split_credentials(given)
    if credentials:
        codes.append("CREDENTIALS_SPLIT")
    clean_first, first_codes = clean(given)
    clean_last, last_codes = clean(family)
    if single and clean_last and not clean_first:
        codes.append("NAME_SINGLE")
    return clean_first, clean_last, credentials, list(dict.fromkeys([*codes, *first_codes, *last_codes]))

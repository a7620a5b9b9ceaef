"""Personal names: repaired, split from credentials, never "corrected" (NRM-01)."""

import re
import unicodedata

import ftfy

CREDENTIALS = frozenset(
    "MD DO NP PA PA-C RN BSN MSN DNP APRN FNP PHARMD PHD DDS DMD MPH MBA LCSW PSYD OD DPM DC".split()
)
_LAST_WORD = re.compile(r"[\s,]+([A-Za-z.-]+)\s*$")
_TITLES = re.compile(r"^(dr|mr|mrs|ms|prof)\.?\s+", re.IGNORECASE)
PLAIN = r"^[A-Z][a-z]+$"
"""A name that needs nothing: skipped by the frame functions, which is most of them."""


def clean(text: str) -> tuple[str | None, list[str]]:
    """Repair one name part: mojibake, composed form, spacing; all capitals become title case, particles stay.

    >>> clean("  MARY ANN "), clean("de la Cruz"), clean("JosÃ©")
    (('Mary Ann', ['NAME_CASE']), ('de la Cruz', []), ('José', ['MOJIBAKE_FIXED']))
    """
    codes = []
    fixed = ftfy.fix_text(text)
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

    >>> split_credentials("Jane Doe, MD, PhD"), split_credentials("DOE, JANE, RN"), split_credentials("Doe")
    (('Jane Doe', 'MD PhD'), ('DOE, JANE', 'RN'), ('Doe', None))
    """
    taken: list[str] = []
    rest = text.strip()
    while (last := _LAST_WORD.search(rest)) and last.group(1).replace(".", "").upper() in CREDENTIALS:
        taken.insert(0, last.group(1).replace(".", ""))
        rest = rest[: last.start()]
    return (rest.strip(" ,"), " ".join(taken)) if taken else (text, None)


def person(first: str | None, last: str | None) -> tuple[str | None, str | None, str | None, list[str]]:
    """Clean a first and last name together; ``LAST, FIRST`` in one field is split.

    Returns first, last, credentials and codes.

    >>> person(None, "DOE, JANE A., MD")
    ('Jane A.', 'Doe', 'MD', ['NAME_SPLIT', 'CREDENTIALS_SPLIT', 'NAME_CASE'])
    >>> person("Cher", None), person(None, "Patel, MD")
    ((None, 'Cher', None, ['NAME_SINGLE']), (None, 'Patel', 'MD', ['CREDENTIALS_SPLIT']))
    """
    codes: list[str] = []
    family, credentials = split_credentials(last or "")
    given = first or ""
    if "," in family:
        family, _, rest = family.partition(",")
        given = given if given.strip() else rest
        codes.append("NAME_SPLIT")
    if not credentials:
        given, credentials = split_credentials(given)
    if credentials:
        codes.append("CREDENTIALS_SPLIT")
    clean_first, first_codes = clean(given)
    clean_last, last_codes = clean(family)
    if clean_first and not clean_last:  # one name is a name; every CRM files it as the family name
        clean_first, clean_last = None, clean_first
        codes.append("NAME_SINGLE")
    return clean_first, clean_last, credentials, list(dict.fromkeys([*codes, *first_codes, *last_codes]))

"""Personal names: repaired, split from credentials, never "corrected" (catalogue 2.2)."""

import re
import unicodedata

import ftfy

CREDENTIALS = frozenset("MD DO NP PA PA-C RN BSN MSN DNP APRN FNP PHARMD PHD DDS DMD MPH MBA LCSW PSYD OD DPM DC".split())
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
    """Take trailing credentials off a name.

    >>> split_credentials("Jane Doe, MD, PhD"), split_credentials("Doe")
    (('Jane Doe', 'MD PhD'), ('Doe', None))
    """
    words = re.split(r"[\s,]+", text.strip())
    taken: list[str] = []
    while len(words) > 1 and words[-1].replace(".", "").upper() in CREDENTIALS:
        taken.insert(0, words.pop().replace(".", ""))
    if not taken:
        return text, None
    return " ".join(words), " ".join(taken)


def person(first: str | None, last: str | None) -> tuple[str | None, str | None, str | None, list[str]]:
    """Clean a first and last name together; ``LAST, FIRST`` in one field is split.

    Returns first, last, credentials and codes.

    >>> person(None, "DOE, JANE A., MD")
    ('Jane A.', 'Doe', 'MD', ['NAME_SPLIT', 'NAME_CASE'])
    """
    codes: list[str] = []
    bare_last, credentials = split_credentials(last or "")
    first_part = first or ""
    if not first_part.strip() and "," in (last or ""):
        family, _, rest = (last or "").partition(",")
        given, credentials = split_credentials(rest)
        bare_last, first_part = family, given
        codes.append("NAME_SPLIT")
    elif "," in bare_last:
        bare_last = bare_last.partition(",")[0]
    if not credentials:
        first_part, credentials = split_credentials(first_part)
    if credentials and "NAME_SPLIT" not in codes:
        codes.append("CREDENTIALS_SPLIT")
    clean_first, first_codes = clean(first_part)
    clean_last, last_codes = clean(bare_last)
    for code in (*first_codes, *last_codes):
        if code not in codes:
            codes.append(code)
    return clean_first, clean_last, credentials, codes

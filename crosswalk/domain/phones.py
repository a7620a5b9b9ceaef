"""Phone numbers in E.164 (ITU), by the region of the record (NRM-01)."""

import re
from dataclasses import dataclass
from functools import cache

import phonenumbers
import polars as pl

_EXTENSION = re.compile(r"\s*(?:x|ext\.?|extension|#)\s*(\d{1,7})\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Phone:
    """One cleaned number: E.164 or None, the extension's digits, and what was done or doubted."""

    e164: str | None
    extension: str | None = None
    codes: tuple[str, ...] = ()


def clean(text: str, region: str = "US") -> Phone:
    """Parse one number with the phone library; the record's country decides how national numbers are read.

    >>> clean("312.555.0142 x9"), clean("1111111111"), clean("0044 20 7946 0958").e164
    (Phone(e164='+13125550142', extension='9', codes=()), Phone(e164=None, extension=None, codes=('PHONE_INVALID',)), \
'+442079460958')
    """
    raw = text.strip()
    if not raw:
        return Phone(None)
    extension = _EXTENSION.search(raw)
    digits = raw[: extension.start()] if extension else raw
    if digits.startswith("00"):  # the library reads an international prefix as US digits
        digits = "+" + digits[2:]
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return Phone(None, None, ("PHONE_INVALID",))
    if not phonenumbers.is_valid_number(number):  # is_possible_number accepts 1111111111
        return Phone(None, None, ("PHONE_INVALID",))
    kind = phonenumbers.number_type(number)
    odd = (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.TOLL_FREE)
    codes = ("PHONE_NOT_PERSONAL",) if kind in odd else ()
    return Phone(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        extension.group(1) if extension else number.extension,
        codes,
    )


@cache
def area_codes() -> tuple[str, ...]:
    """North American area codes in which the library calls any subscriber's number valid and personal.

    One exchange for each first digit tells: islands that share the country code use only some (340, 671).
    """
    probes = {area: [f"+1{area}{first}{first}{first}0142" for first in range(2, 10)] for area in range(200, 1000)}
    return tuple(str(area) for area, numbers in probes.items() if all(clean(one) == Phone(one) for one in numbers))


def well_formed(column: str) -> pl.Expr:
    """E.164 of plainly written North American numbers, null for all others.

    Most numbers are of this form, and the library costs 30 microseconds each; a property test holds the two equal.
    """
    digits = pl.col(column).str.replace_all(r"[\s().-]", "")
    plain = pl.col(column).str.contains(r"^\s*(\+?1[\s.-]?)?\(?[2-9]\d{2}\)?[\s.-]?[2-9]\d{2}[\s.-]?\d{4}\s*$")
    national = digits.str.slice(-10)
    return (
        pl.when(plain & national.str.slice(0, 3).is_in(list(area_codes())))
        .then(pl.lit("+1") + national)
        .otherwise(None)
    )

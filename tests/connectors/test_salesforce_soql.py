"""SOQL is built as text: no value may leave its literal, no query may outgrow an address."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.soql import EXTERNAL_ID, LONGEST, lookups, name, quote, select
from crosswalk.errors import ConfigError
from crosswalk.ports import Lookup

ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def skeleton(soql: str) -> tuple[str, list[str]]:
    """Read a query as the vendor does: the text outside of literals, and what the literals say."""
    values: list[str] = []
    outside, inside = "", False
    chars = iter(soql)
    for char in chars:
        if inside and char == "\\":
            values[-1] += ESCAPES[next(chars)]
        elif char == "'":
            inside = not inside
            if inside:
                values.append("")
                outside += "?"
        elif inside:
            values[-1] += char
        else:
            outside += char
    assert not inside
    return outside, values


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("plain", "'plain'"),
        ("O'Hara", r"'O\'Hara'"),
        ("back\\", r"'back\\'"),
        ("\\' OR Id != '", r"'\\\' OR Id != \''"),
        ("two\nlines\r\t", r"'two\nlines\r\t'"),
        ("Łódź 😀", "'Łódź 😀'"),
    ],
)
def test_values_are_quoted(value: str, literal: str) -> None:
    assert quote(value) == literal


@given(st.text())
def test_no_value_leaves_its_literal(value: str) -> None:
    assert skeleton(f"SELECT Id FROM Lead WHERE Email = {quote(value)}") == (
        "SELECT Id FROM Lead WHERE Email = ?",
        [value],
    )


@given(st.lists(st.text()), st.lists(st.emails()), st.integers(250, 3000))
def test_every_key_is_asked_once_and_every_query_fits(ids: list[str], emails: list[str], longest: int) -> None:
    queries = list(lookups(Lookup("Lead", ["Email"], external_ids=ids, match={"Email": emails}), longest=longest))
    asked: list[str] = []
    for soql in queries:
        assert len(quote_plus(soql)) <= longest
        outside, values = skeleton(soql)
        assert re.sub(r"\?(,\?)*", "?", outside) in {
            f"SELECT Id, {EXTERNAL_ID}, Email FROM Lead WHERE {tail}"
            for tail in (f"{EXTERNAL_ID} IN (?)", "Email IN (?)", f"{EXTERNAL_ID} IN (?) OR Email IN (?)")
        }
        asked += values
    wanted = [key for key in (*dict.fromkeys(ids), *dict.fromkeys(emails)) if key.strip()]
    if longest >= 2500:
        assert asked == [key for key in wanted if len(quote_plus(quote(key))) < 2000]
    else:
        assert set(asked) <= set(wanted)


@pytest.mark.parametrize(
    ("external_ids", "record_ids", "match"),
    [([], [], {}), ([""], [], {"Email": ["", "  "]}), ([], [], {"Email": ["x" * 20_000]})],
)
def test_without_a_usable_key_nothing_is_asked(
    external_ids: Sequence[str], record_ids: Sequence[str], match: Mapping[str, Sequence[str]]
) -> None:
    assert list(lookups(Lookup("Lead", ["Email"], external_ids, record_ids, match))) == []


def test_a_thousand_leads_by_three_keys_take_few_calls() -> None:
    """The batch of one delivery: external id or e-mail, chunked by bytes and not by a fixed count."""
    ids = [f"01JD8Z3V9K{number:016d}" for number in range(1000)]
    emails = [f"person.number{number}@clinic-{number % 90}.example.org" for number in range(1000)]
    queries = list(lookups(Lookup("Lead", ["Email"], external_ids=ids, match={"Email": emails})))
    assert len(queries) <= 7
    assert all(len(quote_plus(soql)) <= LONGEST for soql in queries)


@pytest.mark.parametrize("bad", ["Email FROM User", "Email,Id", "", "1Email", "Email'", "Owner.Name", "Émail"])
def test_names_from_mapping_files_are_checked(bad: str) -> None:
    with pytest.raises(ConfigError):
        name(bad)
    with pytest.raises(ConfigError):
        select("Lead", [bad])
    with pytest.raises(ConfigError):
        list(lookups(Lookup("Lead", ["Id"], match={bad: ["x"]})))


@pytest.mark.parametrize("bad", ["00Q1", "00Q') OR Id != ('", "00Q00000000000000000"])
def test_a_record_id_must_look_like_one(bad: str) -> None:
    with pytest.raises(ValueError, match="record id"):
        list(lookups(Lookup("Lead", ["Id"], record_ids=[bad])))

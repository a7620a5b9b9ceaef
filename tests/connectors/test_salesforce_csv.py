"""Bulk CSV keeps every value, leaves alone what is None, and stays within its parts."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce import bulk_csv, rows
from connectors.salesforce.soql import EXTERNAL_ID
from crosswalk.domain.planning import Change, Create, Update, Value, Write

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"))


def create(number: int, **fields: Value) -> Create:
    return Create(f"a{number}", "Lead", f"id-{number}", fields)


def read(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def test_columns_come_in_one_order_and_none_is_left_alone() -> None:
    actions = [create(1, LastName="Roe", Score__c=1.5, Phone=None), create(2, Company='A "B", C', HasOptedOut=True)]
    ((body, members),) = bulk_csv.parts("create", actions)
    assert members == actions
    assert body.decode() == (
        f"{EXTERNAL_ID},Company,HasOptedOut,LastName,Score__c\n"
        "id-1,,,Roe,1.5\n"
        'id-2,"A ""B"", C",true,,\n'
    )  # fmt: skip


def test_an_empty_text_clears_a_field_of_an_existing_record_only() -> None:
    changes = {"Phone": Change("1", ""), "Fax": Change("2", None)}
    ((body, _),) = bulk_csv.parts("update", [Update("a", "Lead", "x", "00Q000000000001AAA", changes)])
    assert body == b"Id,Phone\n00Q000000000001AAA,#N/A\n"
    ((body, _),) = bulk_csv.parts("create", [create(1, Phone="", LastName="Roe")])
    assert body == f"{EXTERNAL_ID},LastName\nid-1,Roe\n".encode()


def test_a_text_that_means_null_to_the_vendor_does_not_go_by_csv() -> None:
    odd, fit = create(1, Company="#N/A"), create(1, Company="#N/A Ltd")
    assert bulk_csv.sort_out([odd, fit]) == ([fit], [odd])


@given(st.lists(st.dictionaries(st.sampled_from(["A", "B", "C__c"]), TEXT.filter(bool)), min_size=1, max_size=30))
def test_every_value_arrives_whole(values: list[dict[str, str]]) -> None:
    actions: list[Write] = [create(number, **fields) for number, fields in enumerate(values)]
    largest = 400
    arrived: list[dict[str, str]] = []
    for body, members in bulk_csv.parts("create", actions, largest):
        part = read(body)
        assert [row[EXTERNAL_ID] for row in part] == [rows.key(action) for action in members]
        assert len(body) <= largest or len(members) == 1
        arrived += part
    assert [{name: text for name, text in row.items() if text and name != EXTERNAL_ID} for row in arrived] == values


def test_results_are_read_in_any_order() -> None:
    body = b'"sf__Id","sf__Created",Company,Crosswalk_Id__c\n"00Q2","false","two\nlines",b\n"00Q1","true",,"a"\n'
    assert list(bulk_csv.results(body, EXTERNAL_ID, "sf__Id", "sf__Created")) == [
        ("b", "00Q2", "false"),
        ("a", "00Q1", "true"),
    ]
    assert list(bulk_csv.results(b"", EXTERNAL_ID, "sf__Id")) == []
    assert list(bulk_csv.results(b'"sf__Id","sf__Created","Crosswalk_Id__c"\n', EXTERNAL_ID, "sf__Id")) == []


def test_the_same_external_id_twice_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="twice"):
        rows.refuse_repeats([create(1), Create("other", "Lead", "ID-1", {})])
    rows.refuse_repeats([create(1), Create("other", "Task", "id-1", {})])

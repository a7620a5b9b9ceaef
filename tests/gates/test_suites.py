"""Suite files: every mistake is shown with file, line and key."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crosswalk.errors import ConfigError, ConfigErrors
from crosswalk.platform.expectations import GATES, TYPES_FILE, When
from crosswalk.platform.gates.known import known_types
from crosswalk.platform.suites import load_suites

GOOD = """\
gate: shaped
about: a test
expectations:
  - id: mail
    expect: expect_column_values_to_not_be_null
    args: {column: email}
    severity: hold
    reason: EMAIL_MISSING
"""
SET = "expect_column_values_to_be_in_set"
COUNT = "expect_table_row_count_to_equal"


def test_a_good_file(folder: Path) -> None:
    more = """\
  - id: lead-type
    expect: ExpectColumnValuesToBeInSet
    args: {column: lead_type, value_set: {codes: kinds}}
    severity: hold
    reason: KIND
    max_failed_share: 0.2
    min_rows: 50
    when: {column: drop_reason, values: [null, spam]}
"""
    (folder / "shaped.yaml").write_text(GOOD + more)
    suite = load_suites(folder, {"kinds": ["hcp", "b2b"]})["shaped"]
    first, second = suite.expectations
    assert (suite.about, first.columns, first.max_failed_share, first.when) == ("a test", ("email",), None, None)
    assert second.expect == SET
    assert second.args["value_set"] == ["hcp", "b2b"]
    assert (second.max_failed_share, second.min_rows) == (0.2, 50)
    assert second.when == When("drop_reason", (None, "spam"))


ITEM = "expectations[0]"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        ("gate: shaped", "gate: shapde", 1, "gate", "unknown gate 'shapde'"),
        ("about: a test", "abuot: a test", 2, "abuot", "unknown key"),
        ("about: a test\n", "", 1, "about", "is missing"),
        ("expectations:\n", "expectations: {}\nother:\n", 3, "expectations", "must be a list"),
        ("id: mail", "id: Mail x", 4, f"{ITEM}.id", "lower-case"),
        (
            "_not_be_null",
            "_not_be_nul",
            5,
            f"{ITEM}.expect",
            "unknown expectation 'expect_column_values_to_not_be_nul'",
        ),
        ("{column: email}", "{column: emial}", 6, f"{ITEM}.args.column", "unknown column 'emial'"),
        ("{column: email}", "{column: [email]}", 6, f"{ITEM}.args.column", "must be the name of a column"),
        ("{column: email}", "{column: email, most: 1}", 6, f"{ITEM}.args.most", "unknown argument"),
        ("{column: email}", "{}", 6, f"{ITEM}.args", "needs the argument 'column'"),
        ("{column: email}", "{column: email, mostly: 0.5}", 6, f"{ITEM}.args.mostly", "use max_failed_share"),
        ("{column: email}", "{column: email, mostly: 5}", 6, f"{ITEM}.args.mostly", "share from 0 to 1"),
        ("severity: hold", "severity: halt", 7, f"{ITEM}.severity", "unknown severity 'halt'"),
        ("reason: EMAIL_MISSING", "reason: email-missing", 8, f"{ITEM}.reason", "UPPER_SNAKE"),
        ("    reason: EMAIL_MISSING\n", "", 4, f"{ITEM}.reason", "is missing"),
        ("    severity: hold", "    max_failed_share: 5\n    severity: hold", 7, f"{ITEM}.max_failed_share", "0 to 1"),
        (
            "severity: hold",
            "severity: stop\n    max_failed_share: 0.5",
            8,
            f"{ITEM}.max_failed_share",
            "for severity hold",
        ),
        ("severity: hold", "severity: hold\n    min_rows: 5", 8, f"{ITEM}.min_rows", "is for shares"),
        ("severity: hold", "severity: hold\n    min_rows: no", 8, f"{ITEM}.min_rows", "whole number"),
        (
            "severity: hold",
            "severity: hold\n    when: {column: x, values: [1]}",
            8,
            f"{ITEM}.when.column",
            "unknown column",
        ),
        (
            "severity: hold",
            "severity: hold\n    when: {column: motion}",
            8,
            f"{ITEM}.when.values",
            "list of plain values",
        ),
        ("severity: hold", "severity: hold\n    when: {column: motion, values: [1]}", 8, f"{ITEM}.when.values", "type"),
        ("severity: hold", "severity: hold\n    when: drop", 8, f"{ITEM}.when", "must be a map"),
        (
            "severity: hold",
            "severity: hold\n    severity: warn",
            8,
            f"{ITEM}.severity",
            "duplicate key, first in line 7",
        ),
        ("id: mail", "id: &a mail", 0, "", ""),  # an anchor alone is harmless
        ("about: a test", "about: [a, *b]", 2, "", "not valid YAML"),
    ],
)
def test_mistakes(folder: Path, old: str, new: str, line: int, key: str, message: str) -> None:
    assert old in GOOD
    (folder / "shaped.yaml").write_text(GOOD.replace(old, new))
    if not message:
        load_suites(folder)
        return
    with pytest.raises(ConfigErrors) as caught:
        load_suites(folder)
    assert [
        problem
        for problem in caught.value.problems
        if (problem.file, problem.line, problem.key or "") == (folder / "shaped.yaml", line, key)
        and message in problem.message
    ], str(caught.value)


@pytest.mark.parametrize(
    ("expect", "args", "key", "message"),
    [
        (SET, "{column: email, value_set: {codes: nope}}", "args.value_set.codes", "unknown code list 'nope'"),
        (SET, "{column: email, value_set: {list: x}}", "args.value_set.list", "unknown key"),
        (SET, "{column: email, value_set: []}", "args.value_set", "at least one value"),
        (SET, "{column: hand_raise, value_set: [yes]}", "args.value_set", "not of the type"),
        (SET, "{column: zip5, value_set: [60601]}", "args.value_set", "not of the type"),
        (COUNT, "{value: 5}", "severity", "judges a whole batch"),
        (COUNT, "{value: [5]}", "args.value", "must be a number"),
        (
            "expect_column_values_to_match_regex",
            "{column: email, regex: '('}",
            "args.regex",
            "not a regular expression",
        ),
        ("expect_column_values_to_match_regex", "{column: email, regex: '(a|b)'}", "args.regex", "captures a group"),
        ("expect_compound_columns_to_be_unique", "{column_list: email}", "args.column_list", "list of columns"),
        ("expect_column_values_to_be_increasing", "{column: visits, strictly: 1}", "args.strictly", "true or false"),
    ],
)
def test_mistakes_in_arguments(folder: Path, expect: str, args: str, key: str, message: str) -> None:
    text = GOOD.replace("expect_column_values_to_not_be_null", expect).replace("{column: email}", args)
    (folder / "shaped.yaml").write_text(text)
    with pytest.raises(ConfigErrors) as caught:
        load_suites(folder, {"kinds": ["hcp"]})
    found = [(problem.key, problem.message) for problem in caught.value.problems]
    assert [one for one in found if one[0] == f"{ITEM}.{key}" and message in one[1]], found


def test_all_mistakes_of_all_files_at_once(folder: Path) -> None:
    again = GOOD[GOOD.index("  - id") :]
    (folder / "a.yaml").write_text(GOOD + again)
    (folder / "b.yaml").write_text(GOOD.replace("severity: hold", "severity: halt").replace("email", "emial"))
    (folder / "c.yml").write_text(GOOD)
    with pytest.raises(ConfigErrors) as caught:
        load_suites(folder)
    said = str(caught.value).replace(str(folder), "")
    assert said.splitlines() == [
        "/a.yaml:9: expectations[1].id: duplicate id 'mail', first in line 4",
        "/b.yaml:7: expectations[0].severity: unknown severity 'halt'; one of info, warn, hold, stop",
        "/b.yaml:6: expectations[0].args.column: unknown column 'emial' at gate shaped",
        "/b.yaml:1: gate: shaped has two files",
        "/c.yml: is not read: name it .yaml",
    ]


def test_raw_takes_vendor_columns_and_checks_them_when_they_are_known(folder: Path) -> None:
    (folder / "raw.yaml").write_text(GOOD.replace("shaped", "raw").replace("email", "hs_lead_status"))
    assert load_suites(folder)["raw"]
    assert load_suites(folder, source_columns=["hs_lead_status"])["raw"]
    with pytest.raises(ConfigErrors, match="unknown column 'hs_lead_status'"):
        load_suites(folder, source_columns=["email"])


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="missing"):
        load_suites(tmp_path / "nowhere")


def test_types_file_equals_great_expectations() -> None:
    assert json.loads(TYPES_FILE.read_text()) == known_types()


def test_reading_suites_does_not_import_great_expectations() -> None:
    code = "import sys, crosswalk.platform.suites; print({'great_expectations', 'pandas'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "set()"


def test_gates_are_those_of_the_pipeline() -> None:
    before = ["raw", "shaped", "identified", "qualified", "routed", "handed_off"]
    assert list(GATES) == [*before, "fed_back", "returned", "planned", "receipts"]

"""Data Docs: one page for each gate, all batches merged, no value of the data, nothing from other servers."""

import re
import time
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from crosswalk.errors import GateFailed
from crosswalk.platform.gates import GATES, Gates, Suite, When

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
CANARIES = ("canary.person@secret.example", "Canaria", "+19995550123", "1987-06-05", "987654321")


class Links(HTMLParser):
    """Collects what a page loads or points to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "data", "srcset")]


@pytest.fixture
def checked(rule) -> Gates:
    """A run over personal values that fail every kind of rule, in two batches."""
    rules = (
        rule("regex", "expect_column_values_to_match_regex", column="email", regex="^never"),
        rule("set", "expect_column_values_to_be_in_set", "warn", column="last", value_set=["a", "b"]),
        rule("unique", "expect_column_values_to_be_unique", "warn", column="phone"),
        rule("common", "expect_column_most_common_value_to_be_in_set", "info", column="last", value_set=["a"]),
        rule("distinct", "expect_column_distinct_values_to_be_in_set", "info", column="phone", value_set=["a"]),
        rule("most", "expect_column_max_to_be_between", "info", column="ssn", max_value=5),
        rule("mean", "expect_column_mean_to_be_between", "info", column="ssn", max_value=5),
        rule("pair", "expect_column_pair_values_to_be_equal", "warn", column_A="email", column_B="last"),
        rule("born", "expect_column_values_to_be_null", "warn", column="born"),
        rule("when", "expect_column_values_to_be_null", "warn", column="born", when=When("last", (None, "x"))),
    )
    gates = Gates({gate: Suite(gate, f"About {gate} <b>", rules) for gate in GATES})
    names = ("email", "last", "phone", "born", "ssn")
    row = dict(zip(names, CANARIES, strict=True)) | {"ssn": int(CANARIES[-1])}
    frame = pl.DataFrame([{"unit": unit, **row} for unit in ("1", "2")])
    for gate in list(GATES)[:-1]:
        for _ in range(2):
            gates.check(gate, frame)
    return gates


def test_pages_stand_alone_and_hold_no_personal_value(checked, tmp_path: Path) -> None:
    started = time.perf_counter()
    index = checked.write_docs(tmp_path, "run/../7", AT)
    assert time.perf_counter() - started < 5
    files = {path.name: path for path in index.parent.rglob("*") if path.is_file()}
    assert index.parent.parent == tmp_path
    assert set(files) == {"index.html", *(f"{gate}.html" for gate in list(GATES)[:-1])}
    for path in files.values():
        html = path.read_text()
        assert not [canary for canary in CANARIES if canary in html], path.name
        assert not re.findall(r"https?://(?!www\.w3\.org/|localhost)\S+", html), path.name
        page = Links()
        page.feed(html)
        assert "script" not in page.tags
        assert {link for link in page.links if not link.startswith("#")} <= set(files), path.name
        assert "url(" not in html
        assert "@import" not in html


def test_batches_are_merged(checked, tmp_path: Path) -> None:
    page = (checked.write_docs(tmp_path, "7", AT).parent / "shaped.html").read_text()
    assert "4 unexpected values found. 100% of 4 total rows." in page
    assert page.count("2 of 2") == 9
    assert "only where last is null, x" in page
    assert "About shaped &lt;b&gt;" in page


def test_a_stopped_run_has_its_docs(rule, mails, tmp_path: Path) -> None:
    gates = Gates({"shaped": Suite("shaped", "about", (rule(severity="stop"),))})
    with pytest.raises(GateFailed):
        gates.check("shaped", mails(None, "a"))
    index = gates.write_docs(tmp_path, "7", AT)
    assert ">stop<" in index.read_text()
    assert "EMAIL_MISSING" in index.read_text()


def test_a_run_without_any_check(rule, tmp_path: Path) -> None:
    index = Gates({"shaped": Suite("shaped", "about", (rule(),))}).write_docs(tmp_path, "7", AT)
    assert "not reached" in index.read_text()
    assert [path.name for path in index.parent.iterdir()] == ["index.html"]

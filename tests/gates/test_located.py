"""YAML with lines: what is read, what is refused, and where."""

from pathlib import Path
from typing import Any

import pytest

from crosswalk.errors import ConfigError, ConfigErrors
from crosswalk.platform.located import Located, load_located


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def read(text: str | bytes) -> Located:
        path = tmp_path / "file.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_located(path)

    return read


def test_data_and_lines(load) -> None:
    file = load("# head\na: 1\nb:\n  - x: [p, q]\n    y:\n      z: hi\n  - second\n")
    assert file.data == {"a": 1, "b": [{"x": ["p", "q"], "y": {"z": "hi"}}, "second"]}
    lines = {("a",): 2, ("b",): 3, ("b", 0): 4, ("b", 0, "y"): 5, ("b", 0, "y", "z"): 6, ("b", 1): 7}
    assert {path: file.line(path) for path in lines} == lines
    assert file.line(("b", 0, "y", "missing", 3)) == 5
    assert file.line(("nowhere",)) == 2
    assert str(file.error(("b", 0, "x"), "is wrong")).endswith("file.yaml:4: b[0].x: is wrong")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-7", -7),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ('""', ""),
        ('"12"', "12"),
        ("'true'", "true"),
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("True", "True"),
        ("06103", "06103"),
        ("12:30", "12:30"),
        ("2026-01-31", "2026-01-31"),
        ("0x1F", "0x1F"),
        (".inf", ".inf"),
        ("1_000", "1_000"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_scalars_are_what_an_admin_means(load, text, value) -> None:
    read = load(f"k: {text}").data["k"]
    assert (read, type(read)) == (value, type(value))


def test_keys_are_text(load) -> None:
    assert load("063: CT\n205: DC\nno: Norway\ntrue: x\n").data == {
        "063": "CT",
        "205": "DC",
        "no": "Norway",
        "true": "x",
    }


def test_empty_file(load) -> None:
    assert load("# nothing\n").data is None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a: duplicate key, first in line 1"),
        ("a:\n  b: 1\n  c: 2\n  'b': 3\n", 4, "a.b: duplicate key, first in line 2"),
        ("a: &x [1]\nb: *x\n", 2, "aliases"),
        ("a: &x\n  b: *x\n", 2, "aliases"),
        ("a: &x [1]\nb:\n  - *x\n", 2, "b[0]: aliases"),
        ("a: {p: 1}\nb:\n  <<: {q: 1}\n", 3, "merge keys"),
        ("a: !!python/object:os.system x\n", 1, "tag python/object:os.system is not supported"),
        ("a: !secret x\n", 1, "tag !secret is not supported"),
        ("a: !!set {x}\n", 1, "tag set is not supported"),
        ("a: 1\n? [x]\n: 2\n", 2, "a key must be plain text"),
        ('a: 1\n"": 2\n', 2, "a key must be plain text"),
        ("a: [1\nb: 2\n", 2, "not valid YAML"),
        ("a: 1\n\tb: 2\n", 2, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        ("a: \x07\n", None, "not valid YAML"),
        (b"a: \xff\n", None, "UTF-8"),
    ],
)
def test_refused(load, text, line, message) -> None:
    with pytest.raises(ConfigError, match=r"file\.yaml") as caught:
        load(text)
    assert message in str(caught.value)
    assert caught.value.line == line


def test_all_duplicates_at_once(load) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load("a: 1\na: 2\nb: 1\nb: 2\n")
    assert [problem.line for problem in caught.value.problems] == [2, 4]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_located(tmp_path / "nowhere.yaml")

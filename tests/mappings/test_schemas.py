"""The JSON Schemas of the mappings: current, true of the committed files, and named by each of them for editors."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from crosswalk.platform import schemas
from crosswalk.platform.files import SHAPES, read_csv
from crosswalk.platform.located import load_located
from crosswalk.platform.schemas import schema

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "mappings"
FILES = sorted(MAPPINGS.rglob("*.yaml"))
ROWS = {"campaign": "tracking/campaigns.csv", "territory": "routing/territories.csv"}


def named(path: Path) -> Path:
    """The schema that a file names in its first line."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found, f"{path.name} names no schema in its first line"
    return (path.parent / found[1]).resolve()


def complaints(shape: str, data: Any) -> list[str]:
    validator = Draft202012Validator(schema(shape), format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data)]


def test_the_committed_schemas_are_current() -> None:
    assert schemas.stale() == []


@pytest.mark.parametrize("shape", SHAPES)
def test_a_schema_is_one(shape: str) -> None:
    made = schema(shape)
    Draft202012Validator.check_schema(made)
    assert made["title"] == f"Crosswalk: {shape}" and made["description"]


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(MAPPINGS).as_posix() for path in FILES])
def test_a_committed_file_fits_the_schema_that_it_names(path: Path) -> None:
    found = named(path)
    assert found.parent == MAPPINGS / "schema" and found.stem in SHAPES
    assert complaints(found.stem, load_located(path).data) == []


def test_every_shape_of_file_is_used() -> None:
    assert {named(path).stem for path in FILES} | ROWS.keys() == SHAPES.keys()


@pytest.mark.parametrize(("shape", "file"), ROWS.items())
def test_rows_fit_their_schema(shape: str, file: str) -> None:
    rows, _ = read_csv(MAPPINGS / file, shape, ("aliases",) if shape == "campaign" else ())
    for row in rows:
        data = json.loads(json.dumps(row.__dict__, default=str))
        assert complaints(shape, data) == []


def routing_by(when: dict[str, Any]) -> dict[str, Any]:
    return {"rules": [{"id": "a", "pool": "p", "when": when}], "pools": {}, "default_queue": "q"}


@pytest.mark.parametrize(
    ("shape", "data", "complaint"),
    [
        ("regions", {"region": {}}, "'region' was unexpected"),
        ("regions", {"regions": {"midwest": "IL"}}, "'IL' is not of type 'array'"),
        ("connections", {}, "'connections' is a required property"),
        ("routing", routing_by({"nobody": 1}), "'nobody' was unexpected"),
        ("routing", routing_by({"fit": {"atleast": 1}}), "is not valid under any"),
        ("routing", routing_by({"any": []}), "[] should be non-empty"),
        ("qualification", {"gates": [], "fit": [], "intent": [], "thresholds": {"patient": {"fit": "x"}}},
         "'x' is not of type 'integer'"),
    ],
)  # fmt: skip
def test_an_editor_would_complain(shape: str, data: Any, complaint: str) -> None:
    assert any(complaint in one for one in complaints(shape, data))


def test_predicates_are_described_with_every_field() -> None:
    made = schema("routing")["$defs"]
    tests = made["Predicate"]["properties"]
    assert tests["service_line"]["description"] == "service line code"
    assert {"any", "not", "territory", "fit"} <= tests.keys()
    assert made["RouteRule"]["properties"]["when"] == {"$ref": "#/$defs/Predicate"}


def test_schemas_are_written_and_old_ones_removed(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text("{}", encoding="utf-8")
    assert "gone.json" in schemas.stale(tmp_path)
    schemas.write(tmp_path)
    assert schemas.stale(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == len(SHAPES)

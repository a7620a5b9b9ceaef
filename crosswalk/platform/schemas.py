"""One JSON Schema for each shape of file under mappings/, made from the shapes in the code, for editors and reviewers.

python -m crosswalk.platform.schemas            write mappings/schema/
python -m crosswalk.platform.schemas --check    only say whether it is up to date
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crosswalk.domain import predicates
from crosswalk.domain.outbound import PACKAGE
from crosswalk.domain.predicates import OPERATORS
from crosswalk.domain.schema import IDENTIFIED, LEAD, QUALIFIED, ROUTED, Column
from crosswalk.platform.files import SHAPES, adapter
from crosswalk.platform.lint import PACKAGED
from crosswalk.platform.settings import CHECKOUT

FOLDER = CHECKOUT / "mappings" / "schema"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PREDICATES = ("when", "require")
"""Keys that hold a predicate, wherever they stand."""
_SCALAR: Mapping[str, Any] = {"type": ["string", "number", "boolean"]}
_SOME: Mapping[str, Any] = {"type": "array", "minItems": 1, "items": _SCALAR}
_OPERANDS: Mapping[str, Any] = {
    "in": _SOME,
    "not_in": _SOME,
    "is_null": {"type": "boolean"},
    "starts_with": {"type": "string"},
    "contains": {"type": "string"},
    "has": {"type": "string"},
}


def schema(shape: str) -> dict[str, Any]:
    """Return the JSON Schema of one shape."""
    made = adapter(shape).json_schema()
    if _describe_predicates(made):
        made.setdefault("$defs", {}).update(_predicate())
    return {"$schema": DIALECT, **made, "title": f"Crosswalk: {shape}"}


def _describe_predicates(node: Any) -> bool:
    """Point every predicate of a schema to the one description of what a predicate is; say whether there are any."""
    parts = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    found = [_describe_predicates(part) for part in parts]
    keys = node.get("properties", {}) if isinstance(node, dict) else {}
    named = [key for key in PREDICATES if key in keys]
    for key in named:
        keys[key] = {"$ref": "#/$defs/Predicate"}
    return any(found) or bool(named)


def _predicate() -> dict[str, Any]:
    """Describe predicates: the fields that there are, and what each may be compared with."""
    operators = {name: _OPERANDS.get(name, _SCALAR) for name in OPERATORS}
    any_test = [_SCALAR, _SOME, {"$ref": "#/$defs/Operators"}]
    about: dict[str, Column] = {**LEAD, **IDENTIFIED, **QUALIFIED, **ROUTED, **PACKAGE}
    tests = {
        name: {"$ref": "#/$defs/Test"} | ({"description": about[name].about} if name in about else {})
        for name in sorted(PACKAGED)
    }
    reference = {"$ref": "#/$defs/Predicate"}
    combined = {
        "any": {"type": "array", "minItems": 1, "items": reference, "description": "at least one must hold"},
        "not": {**reference, "description": "must not hold"},
    }
    return {
        "Operators": {
            "type": "object",
            "description": "All of them must hold.",
            "minProperties": 1,
            "properties": operators,
            "additionalProperties": False,
        },
        "Test": {"description": "A value, a list of values, or operators.", "anyOf": any_test},
        "Predicate": {
            "type": "object",
            "description": (predicates.__doc__ or "").strip(),
            "properties": {**combined, **tests},
            "additionalProperties": False,
        },
    }


def documents() -> dict[str, str]:
    """Return file name -> text, as they must be."""
    return {f"{shape}.json": json.dumps(schema(shape), indent=2, ensure_ascii=False) + "\n" for shape in SHAPES}


def stale(folder: Path = FOLDER) -> list[str]:
    """Return the files that are missing, differ, or belong to no shape any more."""
    wanted = documents()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def write(folder: Path = FOLDER) -> None:
    """Write all schemas; those of shapes that are no more are removed."""
    wanted = documents()
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Write, or check.

    Raises:
        SystemExit: a file is out of date.
    """
    if "--check" not in arguments:
        write()
    elif names := stale():
        raise SystemExit(f"mappings/schema/ is out of date ({', '.join(names)}): run `make schemas`")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Write docs/coverage.md: for each feature of docs/features.csv the code that says so and the tests that prove it.

    python tools/coverage_table.py            write the table
    python tools/coverage_table.py --check    only say whether it is up to date

Code names a feature in a docstring ("(TRK-01)"; "NRM-02 in part" for a part of it), a file under mappings/ in its text.
Tests carry ``@pytest.mark.feature("TRK-01")`` on a function or class, or in ``pytestmark``. Nothing is imported.
"""

import ast
import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "coverage.md"
FEATURES = ROOT / "docs" / "features.csv"
CODE = ("crosswalk", "connectors", "flows", "sandbox")
GROUPS = {
    "GLO": "Shared definitions and glossary",
    "STG": "Lead status and journey stages",
    "TRK": "Capture and tracking",
    "NRM": "Normalization and identity",
    "QUA": "Qualification",
    "TYP": "Lead types",
    "RTE": "Routing",
    "HND": "Handoff",
    "SLA": "Follow-up",
    "DQ": "Data quality",
    "CON": "Permission and privacy",
    "FBK": "Feedback from sales",
    "SEG": "Segments",
    "CNT": "Content",
    "ESC": "Escalation",
    "REP": "Reports",
    "FCT": "Forecast and targets",
    "GOV": "Governance",
    "EXP": "Improvement tests",
    "PTR": "Referral partners",
}
_MENTION = re.compile(rf"\b((?:{'|'.join(GROUPS)})-\d\d(?:/\d\d)*)\b( in part)?")
_INTRO = """\
# Coverage: every feature, where it is built, and what proves it

Made by `make coverage` from the code and the tests; do not edit. A feature is **built** when code names it and a test
that carries its id passes; **in part** when only one of the two is there, or the code says that it does a part of it.
P0 is needed for an honest flow from end to end, P1 for the whole product, P2 comes later.
"""


@dataclass(frozen=True)
class Feature:
    """A row of docs/features.csv."""

    id: str
    priority: str
    name: str
    note: str


@dataclass
class Found:
    """What the repository says of one feature."""

    code: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)
    in_part: bool = False

    @property
    def state(self) -> str:
        """Say how far it is."""
        if self.code and self.tests and not self.in_part:
            return "built"
        return "in part" if self.code or self.tests else "not built"


def features() -> list[Feature]:
    """Read the list of features."""
    with FEATURES.open(encoding="utf-8", newline="") as file:
        return [Feature(**row) for row in csv.DictReader(file)]


def mentions(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each feature id in a text, and whether it says "in part"; ``TRK-01/02`` names two."""
    for match in _MENTION.finditer(text):
        group, numbers = match[1].split("-")
        for number in numbers.split("/"):
            yield f"{group}-{number}", bool(match[2])


def marked(tree: ast.Module) -> Iterator[str]:
    """Yield the ids of every ``pytest.mark.feature(...)`` in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.feature"):
            yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Yield the docstrings of a module, its classes and its functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def scan() -> dict[str, Found]:
    """Read code, mappings and tests."""
    found: dict[str, Found] = defaultdict(Found)
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            texts = docstrings(ast.parse(path.read_text(encoding="utf-8")))
            for identifier, in_part in (one for text in texts for one in mentions(text)):
                found[identifier].code.add(path.relative_to(ROOT).as_posix())
                found[identifier].in_part |= in_part
    for path in sorted((ROOT / "mappings").rglob("*.yaml")):
        for identifier, in_part in mentions(path.read_text(encoding="utf-8")):
            found[identifier].code.add(path.relative_to(ROOT).as_posix())
            found[identifier].in_part |= in_part
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for identifier in marked(ast.parse(path.read_text(encoding="utf-8"))):
            found[identifier].tests.add(path.relative_to(ROOT).as_posix())
    return found


def render() -> str:
    """Return the page as it must be.

    Raises:
        ValueError: code or a test names a feature that docs/features.csv does not list.
    """
    found = scan()
    wanted = features()
    if unknown := found.keys() - {feature.id for feature in wanted}:
        places = sorted({place for one in unknown for place in found[one].code | found[one].tests})
        raise ValueError(f"not in docs/features.csv: {', '.join(sorted(unknown))} (in {', '.join(places)})")
    lines = [_INTRO, "| | built | in part | not built |", "|---|---:|---:|---:|"]
    for priority in ("P0", "P1", "P2"):
        states = [found[feature.id].state for feature in wanted if feature.priority == priority]
        lines.append(f"| {priority} | {' | '.join(str(states.count(s)) for s in ('built', 'in part', 'not built'))} |")
    for prefix, title in GROUPS.items():
        lines += ["", f"## {title}", "", "| Feature | | State | Code | Tests |", "|---|---|---|---|---|"]
        for feature in (one for one in wanted if one.id.rsplit("-", 1)[0] == prefix):
            one = found[feature.id]
            state = one.state + (f": {feature.note}" if feature.note else "")
            label = f"**{feature.id}** {feature.name}"
            lines.append(f"| {label} | {feature.priority} | {state} | {_links(one.code)} | {_links(one.tests)} |")
    return "\n".join(lines) + "\n"


def _links(paths: set[str]) -> str:
    """Link files by the shortest name that says which they are."""
    return ", ".join(f"[{_short(path)}](../{path})" for path in sorted(paths))


def _short(path: str) -> str:
    return path.removeprefix("crosswalk/").removeprefix("tests/")


def main() -> int:
    """Write, or check."""
    try:
        text = render()
    except ValueError as error:
        print(error)
        return 1
    if "--check" in sys.argv[1:]:
        if TABLE.exists() and TABLE.read_text(encoding="utf-8") == text:
            return 0
        print("docs/coverage.md is out of date: run `make coverage`")
        return 1
    TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

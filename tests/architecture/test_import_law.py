"""The import law of pyproject.toml holds, and what it cannot express: no clock and no printing in the domain."""

import ast
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, modules, name, parsed

READS_THE_WORLD = {"now", "today", "utcnow", "open", "print", "input", "read_text", "write_text", "getenv"}


def test_the_import_law_holds() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_layer_is_a_package_that_the_law_sees() -> None:
    """A folder without __init__.py is invisible to the import graph, and so to the law."""
    folders = {path.parent for path in modules(*PACKAGES)}
    assert [name(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_the_domain_reads_no_clock_and_prints_nothing() -> None:
    def called(function: ast.expr) -> str:
        return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")

    found = [
        f"{name(path)}:{node.lineno} {called(node.func)}()"
        for path in modules("crosswalk")
        if "domain" in path.parts
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and called(node.func) in READS_THE_WORLD
    ]
    assert found == []


@pytest.mark.parametrize("entry", entry_points(group="crosswalk.connectors"), ids=lambda entry: entry.name)
def test_connectors_are_found_by_entry_point(entry) -> None:
    assert callable(entry.load())

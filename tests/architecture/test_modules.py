"""Modules are small, named after what they hold, and say what they are for."""

import ast
import statistics
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.tree import PACKAGES, modules, name, parsed

EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "base", "manager", "managers", "misc", "stuff", "lib"}
CODE = modules(*PACKAGES)
EVERYTHING = [*CODE, *modules("tests", "tools", "benchmarks")]


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_module_is_longer_than_400_lines() -> None:
    assert [f"{name(path)}: {length(path)}" for path in EVERYTHING if length(path) > 400] == []


def test_most_modules_are_short() -> None:
    lengths = sorted(filter(None, map(length, CODE)))
    assert statistics.median(lengths) <= 120
    assert lengths[int(len(lengths) * 0.9)] <= 250


def test_modules_are_named_after_what_they_hold() -> None:
    assert [name(path) for path in EVERYTHING if EMPTY_WORDS & set(path.stem.split("_"))] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [name(path) for path in EVERYTHING if length(path) and not ast.get_docstring(parsed(path))] == []


def test_flows_are_functions() -> None:
    """Prefect loads a flow's file as a module of another name: a class in it would be two classes."""
    walked = ((path, node) for path in modules("flows") for node in ast.walk(parsed(path)))
    assert [f"{name(path)}: {node.name}" for path, node in walked if isinstance(node, ast.ClassDef)] == []


def test_no_flow_shadows_a_module() -> None:
    """Prefect puts flows/ in front of sys.path."""
    taken = set(sys.stdlib_module_names) | packages_distributions().keys()
    assert [name(path) for path in modules("flows") if path.stem in taken] == []

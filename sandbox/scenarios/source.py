"""Reads a scenario file: YAML whose every complaint names file, line and key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

FILE_NAME = "scenario.yaml"
DATA = Path(__file__).parent / "data"
Key = tuple[str | int, ...]


class ScenarioError(ValueError):
    """A scenario file that cannot be used; the text says where and why."""


@dataclass(frozen=True)
class Source:
    """The content of a scenario file. Every scalar is text, as HubSpot's values are: 02139 stays 02139."""

    path: Path
    data: dict[str, Any]
    lines: dict[Key, int]

    def error(self, key: Key, why: str) -> ScenarioError:
        """The complaint about one key, with the line of the nearest key that the file has."""
        near = next(key[:size] for size in range(len(key), -1, -1) if key[:size] in self.lines)
        return ScenarioError(f"{self.path}:{self.lines[near]}: {'.'.join(map(str, key)) or 'the file'}: {why}")


def read(path: Path) -> Source:
    """Read and check a scenario file, or the `scenario.yaml` of a directory.

    Raises:
        ScenarioError: it cannot be read, is no YAML, or does not fit `schema.json`.
    """
    file = path / FILE_NAME if path.is_dir() else path
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{file}: cannot be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScenarioError(f"{file}:{line}: this is no YAML: {error.problem}") from error
    source = Source(file, {}, {(): 1})
    data = _plain(source, root, ()) if root is not None else {}
    problems = list(_validator().iter_errors(data))
    # A misspelt key also lacks where it should be; the misspelling is the better news.
    problem = next((one for one in problems if one.validator == "additionalProperties"), None) or best_match(problems)
    if problem is not None:
        raise _refusal(source, problem)
    source.data.update(data)
    return source


@cache
def shipped(name: str) -> dict[str, Any]:
    """The content of a scenario file that comes with the sandbox; shared, so not to be changed."""
    return read(DATA / f"{name}.yaml").data


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(orjson.loads((DATA / "schema.json").read_bytes()))


def _plain(source: Source, node: yaml.Node, key: Key) -> Any:
    """A node as dicts, lists and text, noting the line of every key."""
    source.lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(source, item, (*key, place)) for place, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for name, value in node.value:
            here = (*key, str(name.value))
            if not isinstance(name, yaml.ScalarNode) or name.value in found:
                source.lines[here] = name.start_mark.line + 1
                raise source.error(here, "stands here twice" if name.value in found else "is no plain key")
            source.lines[here] = name.start_mark.line + 1
            found[name.value] = _plain(source, value, here)
        return found
    return node.value


def _refusal(source: Source, problem: ValidationError) -> ScenarioError:
    key: Key = tuple(problem.absolute_path)
    if problem.validator in {"additionalProperties", "propertyNames"}:
        known = problem.schema.get("properties", {}) if isinstance(problem.schema, dict) else {}
        odd = sorted(problem.instance.keys() - known.keys()) if isinstance(problem.instance, dict) else []
        if odd and known:
            return source.error((*key, odd[0]), f"there is no such key; there are {', '.join(sorted(known))}")
    wanted = problem.schema.get("description") if isinstance(problem.schema, dict) else None
    if wanted and problem.validator != "required":
        shown = repr(problem.instance) if isinstance(problem.instance, str) else "this"
        return source.error(key, f"{shown} is not {wanted}")
    return source.error(key, problem.message)

"""YAML with the line of every key, so that a mistake in a file can be shown where it is.

Only what an admin means to write is read: maps, lists, text, numbers, true/false and null. YAML's surprises are off:
``no`` and ``on`` are text, ``06103`` keeps its zero, ``12:30`` and ``2026-01-31`` are text, keys are always text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from crosswalk.errors import ConfigError, ConfigErrors

KeyPath = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_YAML_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_YAML_TAG + kind for kind in ("str", "map", "seq")}
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def dotted(path: KeyPath) -> str:
    """Write a key path as admins read it: ``expectations[2].args.column``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


@dataclass(frozen=True)
class Located:
    """A file's data together with the 1-based line of every key and list item."""

    data: Any
    lines: dict[KeyPath, int]
    path: Path

    def line(self, path: KeyPath) -> int:
        """Return the line of a key path, or of its nearest parent when it is not in the file."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1

    def error(self, path: KeyPath, message: str) -> ConfigError:
        """Return (not raise) an error that points at a key path."""
        return ConfigError(message, file=self.path, line=self.line(path), key=dotted(path) or None)


def load_located(path: Path) -> Located:
    """Read one YAML file.

    Raises:
        ConfigError: it cannot be read or is not plain YAML; a duplicate key is an error, never the last one wins.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=path) from None
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8 text", file=path) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(
            f"is not valid YAML: {error.problem or error.context}", file=path, line=mark.line + 1 if mark else None
        ) from None
    except yaml.YAMLError as error:  # a control character: no mark
        raise ConfigError(f"is not valid YAML: {getattr(error, 'reason', 'unreadable')}", file=path) from None
    reader = _Reader(path)
    data = reader.read(root, ()) if root is not None else None
    if len(reader.problems) == 1:
        raise reader.problems[0]
    if reader.problems:
        raise ConfigErrors(reader.problems)
    return Located(data, reader.lines, path)


class _Reader:
    """Turns YAML nodes into plain values, collecting lines and problems."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[ConfigError] = []
        self._seen: set[int] = set()

    def read(self, node: yaml.Node, path: KeyPath) -> Any:
        """Return the value of a node; an alias is a node that was seen before."""
        if id(node) in self._seen:  # its own mark is where the anchor is
            line = self.lines.get(path) or self.lines[path[:-1]]
            return self._refuse(line, path, "aliases (*name) are not supported: write the value out")
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        self._seen.add(id(node))
        if node.tag not in _PLAIN_TAGS:
            return self._refuse(line, path, f"tag {node.tag.removeprefix(_YAML_TAG)} is not supported")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, position)) for position, item in enumerate(node.value)]
        return _scalar(node.value, plain=not getattr(node, "style", None))

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or not key_node.value:
                self._refuse(line, path, "a key must be plain text")
                continue
            key: str = key_node.value
            if key == "<<" and not key_node.style:
                self._refuse(line, path, "merge keys (<<) are not supported: write the values out")
                continue
            inner = (*path, key)
            if key in result:
                self._refuse(line, inner, f"duplicate key, first in line {self.lines[inner]}")
                continue
            self.lines[inner] = line
            result[key] = self.read(value_node, inner)
        return result

    def _refuse(self, line: int, path: KeyPath, message: str) -> None:
        self.problems.append(ConfigError(message, file=self.path, line=line, key=dotted(path) or None))


def _scalar(text: str, *, plain: bool) -> Any:
    """Read an unquoted scalar as JSON would, everything else as text."""
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text

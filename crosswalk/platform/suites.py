"""Expectation suites as admins write them: ``expectations/*.yaml``, one file per gate, checked key by key."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from crosswalk.errors import ConfigError, ConfigErrors
from crosswalk.platform.expectations import GATES, SEVERITIES, Expectation, Suite, Types, When, known_types
from crosswalk.platform.located import KeyPath, Located, load_located

_REASON = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_ID = re.compile(r"[a-z][a-z0-9_-]*")
_KEYS: Final = {"id", "expect", "args", "severity", "reason", "max_failed_share", "min_rows", "when"}
_KINDS: Final = {
    "column": "the name of a column",
    "columns": "a list of columns",
    "list": "a list with at least one value",
    "flag": "true or false",
    "number": "a number",
    "text": "text",
}
_TYPES: Final[Mapping[Any, tuple[type, ...]]] = {pl.String: (str,), pl.Boolean: (bool,), pl.Int64: (int, float)}


def load_suites(
    folder: Path,
    codes: Mapping[str, Sequence[str]] | None = None,
    *,
    source_columns: Collection[str] | None = None,
) -> dict[str, Suite]:
    """Read every suite of a folder, in the order of the pipeline.

    Args:
        folder: where the YAML files are.
        codes: code lists by name, for ``value_set: {codes: name}``.
        source_columns: the vendor's columns that ``raw`` may name; any when not given.

    Raises:
        ConfigErrors: with file, line and key of every mistake in every file.
    """
    if not folder.is_dir():
        raise ConfigError("folder of expectation suites is missing", file=folder)
    suites: dict[str, Suite] = {}
    problems: list[ConfigError] = []
    types = known_types()
    for path in sorted(folder.iterdir()):
        if path.suffix == ".yml":
            problems.append(ConfigError("is not read: name it .yaml", file=path))
        if path.suffix != ".yaml":
            continue
        try:
            reader = _SuiteReader(load_located(path), types, codes or {}, source_columns)
        except ConfigErrors as several:
            problems += several.problems
            continue
        except ConfigError as problem:
            problems.append(problem)
            continue
        suite = reader.read()
        problems += reader.problems
        if suite.gate in suites:
            problems.append(reader.file.error(("gate",), f"{suite.gate} has two files"))
        suites[suite.gate] = suite
    if problems:
        raise ConfigErrors(problems)
    return {gate: suites[gate] for gate in GATES if gate in suites}


@dataclass
class _SuiteReader:
    """Reads one file, collecting problems instead of stopping at the first."""

    file: Located
    types: Types
    codes: Mapping[str, Sequence[str]]
    source_columns: Collection[str] | None
    problems: list[ConfigError] = field(default_factory=list)
    gate: str = ""

    def read(self) -> Suite:
        data = self._map((), self.file.data, {"gate", "about", "expectations"})
        self.gate = self._text((), data, "gate")
        if self.gate and self.gate not in GATES:
            self._bad(("gate",), f"unknown gate {self.gate!r}; one of {', '.join(GATES)}")
        items = data.get("expectations")
        if not isinstance(items, list) or not items:
            self._bad(("expectations",), "must be a list of expectations")
            items = []
        return Suite(self.gate, self._text((), data, "about"), tuple(self._all(items)))

    def _all(self, items: list[Any]) -> Iterator[Expectation]:
        seen: dict[str, int] = {}
        for position, item in enumerate(items):
            expectation = self._one(("expectations", position), item)
            path: KeyPath = ("expectations", position, "id")
            if expectation.id in seen:
                self._bad(path, f"duplicate id {expectation.id!r}, first in line {seen[expectation.id]}")
            seen.setdefault(expectation.id, self.file.line(path))
            yield expectation

    def _one(self, path: KeyPath, item: Any) -> Expectation:
        data = self._map(path, item, _KEYS)
        name, reason, severity = (self._text(path, data, key) for key in ("id", "reason", "severity"))
        if name and not _ID.fullmatch(name):
            self._bad((*path, "id"), "must be lower-case words joined by - or _")
        if reason and not _REASON.fullmatch(reason):
            self._bad((*path, "reason"), f"{reason!r} is not UPPER_SNAKE")
        if severity and severity not in SEVERITIES:
            self._bad((*path, "severity"), f"unknown severity {severity!r}; one of {', '.join(SEVERITIES)}")
        kind, args = self._expect(path, data)
        share = self._share((*path, "max_failed_share"), data.get("max_failed_share"))
        if severity == "hold":
            if "mostly" in args:
                self._bad((*path, "args", "mostly"), "a hold refuses each failing row: use max_failed_share")
            if kind and self.types[kind]["judges"] == "batch":
                self._bad((*path, "severity"), f"{kind} judges a whole batch, so it cannot hold single rows")
        elif share is not None:
            self._bad((*path, "max_failed_share"), "is for severity hold; use args.mostly")
        rows = data.get("min_rows", 1)
        if not isinstance(rows, int) or isinstance(rows, bool) or rows < 1:
            self._bad((*path, "min_rows"), "must be a whole number from 1")
        elif "min_rows" in data and share is None and "mostly" not in args:
            self._bad((*path, "min_rows"), "is for shares: it needs max_failed_share or args.mostly")
        when = self._when((*path, "when"), data["when"]) if "when" in data else None
        return Expectation(name, kind, args, severity, reason, share, when, rows)  # type: ignore[arg-type] # checked above

    def _expect(self, path: KeyPath, data: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Read the type and its arguments; an unknown type has none that could be checked."""
        kind = self._text(path, data, "expect")
        kind = next((known for known, about in self.types.items() if about["class"] == kind), kind)
        if kind not in self.types:
            if kind:
                self._bad((*path, "expect"), f"unknown expectation {kind!r}")
            return "", {}
        wanted = self.types[kind]["arguments"]
        args = self._map((*path, "args"), data.get("args", {}), set(wanted), "argument")
        for name, about in wanted.items():
            if about["required"] and args.get(name) is None:
                self._bad((*path, "args"), f"{kind} needs the argument {name!r}")
        read = {
            name: self._argument((*path, "args", name), name, wanted[name]["kind"], value)
            for name, value in args.items()
            if name in wanted
        }
        self._typed((*path, "args", "value_set"), read.get("column"), read.get("value_set"))
        return kind, read

    def _argument(self, path: KeyPath, name: str, kind: str, value: Any) -> Any:
        if name == "value_set" and isinstance(value, dict):
            return self._code_list(path, value)
        if name == "mostly":
            return self._share(path, value)
        if not _fits(kind, value):
            self._bad(path, f"must be {_KINDS[kind]}")
        elif kind in ("column", "columns"):
            for column in [value] if kind == "column" else value:
                self._column(path, column)
        elif name in ("regex", "regex_list"):
            self._patterns(path, value)
        return value

    def _typed(self, path: KeyPath, column: Any, values: Any) -> None:
        """Values of another type than their column's would never match, and refuse or pass every row."""
        dtype = GATES.get(self.gate, {}).get(column) if isinstance(column, str) else None
        wanted = _TYPES.get(dtype, ()) if dtype is not None else ()
        for one in values if wanted and isinstance(values, list) else ():
            if one is not None and type(one) not in wanted:
                self._bad(path, f"{one!r} is not of the type of column {column!r}, {dtype}")

    def _code_list(self, path: KeyPath, value: dict[str, Any]) -> list[str]:
        name = str(self._map(path, value, {"codes"}).get("codes"))
        if name not in self.codes:
            self._bad((*path, "codes"), f"unknown code list {name!r}")
        return list(self.codes.get(name, ()))

    def _patterns(self, path: KeyPath, value: str | list[Any]) -> None:
        for pattern in [value] if isinstance(value, str) else value:
            try:
                groups = re.compile(pattern).groups
            except (re.error, TypeError) as error:
                self._bad(path, f"is not a regular expression: {error}")
            else:
                if groups:
                    self._bad(path, "captures a group, which is not needed: write (?:...) for (...)")

    def _column(self, path: KeyPath, column: str) -> None:
        open_ended = self.gate == "raw" and self.source_columns is None
        known = {*GATES.get(self.gate, ()), *(self.source_columns or () if self.gate == "raw" else ())}
        if self.gate in GATES and not open_ended and column not in known:
            self._bad(path, f"unknown column {column!r} at gate {self.gate}")

    def _when(self, path: KeyPath, value: Any) -> When:
        data = self._map(path, value, {"column", "values"})
        column, values = self._text(path, data, "column"), data.get("values")
        if column:
            self._column((*path, "column"), column)
        if not isinstance(values, list) or not values or any(isinstance(one, list | dict) for one in values):
            self._bad((*path, "values"), "must be a list of plain values")
            values = []
        self._typed((*path, "values"), column, values)
        return When(column, tuple(values))

    def _share(self, path: KeyPath, value: Any) -> float | None:
        if value is None and path[-1] == "max_failed_share":
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self._bad(path, "must be a share from 0 to 1")
            return None
        return float(value)

    def _map(self, path: KeyPath, value: Any, known: Collection[str], what: str = "key") -> dict[str, Any]:
        if not isinstance(value, dict):
            self._bad(path, f"must be a map with {', '.join(sorted(known))}")
            return {}
        for key in value:
            if key not in known:
                self._bad((*path, key), f"unknown {what}; one of {', '.join(sorted(known))}")
        return value

    def _text(self, path: KeyPath, data: Mapping[str, Any], key: str) -> str:
        value = data.get(key)
        if isinstance(value, str) and value:
            return value
        self._bad((*path, key), "must be text" if key in data else "is missing")
        return ""

    def _bad(self, path: KeyPath, message: str) -> None:
        self.problems.append(self.file.error(path, message))


def _fits(kind: str, value: Any) -> bool:
    """Whether a value is what an argument of this kind takes; a date, for a number, is text."""
    match kind:
        case "columns":
            return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
        case "list":
            return isinstance(value, list) and bool(value)
        case "flag":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float | str) and not isinstance(value, bool)
        case _:
            return isinstance(value, str)

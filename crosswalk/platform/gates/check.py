"""Checking batches at gates: what severity means, and what a run adds up to."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from crosswalk.domain import schema
from crosswalk.errors import GateFailed, TerminalError
from crosswalk.platform.expectations import Expectation, Severity, Suite
from crosswalk.platform.gates.docs import Page, write_site
from crosswalk.platform.gates.engine import Group, Judgement, groups, judge
from crosswalk.platform.gates.tally import Tally


@dataclass(frozen=True)
class Finding:
    """An expectation that a batch did not meet."""

    expectation: str
    severity: Severity
    reason: str
    failed: int
    total: int


@dataclass(frozen=True)
class GateResult:
    """What a gate did to one batch."""

    gate: str
    refused: pl.DataFrame
    """Columns of ``schema.VERDICTS``: one row per refused unit, with the first failing hold in suite order."""
    findings: tuple[Finding, ...]


class Gates:
    """The gates of one run; one call at a time, from any thread."""

    def __init__(self, suites: Mapping[str, Suite]) -> None:
        self._suites = dict(suites)
        self._groups: dict[str, tuple[Group, ...]] = {
            gate: groups(gate, suite.expectations) for gate, suite in self._suites.items()
        }
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._lock = threading.Lock()

    def check(
        self,
        gate: str,
        frame: pl.DataFrame,
        *,
        unit: str = "unit",
        shares: bool = True,
        waived: pl.DataFrame | None = None,
    ) -> GateResult:
        """Judge one batch; a gate without a suite and an empty batch pass.

        Args:
            gate: the suite's name.
            frame: the rows.
            unit: the column that identifies a row.
            shares: whether shares of the batch say something; not of rows that were picked because they had failed.
            waived: ``unit`` and ``reason`` that a person has let pass.

        Raises:
            GateFailed: an expectation of severity ``stop`` is not met, or too many rows would be held.
            TerminalError: a rule cannot be computed, or units are missing.
        """
        suite = self._suites.get(gate)
        if suite is None or frame.is_empty():
            return GateResult(gate, schema.empty(schema.VERDICTS), ())
        if frame.get_column(unit).null_count():
            raise TerminalError(f"gate {gate}: column {unit!r} has rows without a unit", code="UNIT_MISSING")
        with self._lock:
            judged: dict[str, Judgement] = {}
            for group in self._groups[gate]:
                judged |= judge(gate, group, frame)
            columns = set(frame.columns)
            missed = {one.id: _missed(one, judged[one.id], columns, shares=shares) for one in suite.expectations}
            for one in suite.expectations:
                self._count(gate, one, judged[one.id], missed=missed[one.id])
        unmet = [one for one in suite.expectations if missed[one.id]]
        stopping = [one for one in unmet if _stops(one, judged[one.id], frame, shares=shares)]
        if stopping:
            failed = pl.concat([judged[one.id].rows for one in stopping]).n_unique()
            names = tuple(f"{one.id} ({one.reason})" for one in stopping)
            raise GateFailed(gate, names, failed, frame.height)
        refused = _refused([one for one in unmet if one.severity == "hold"], judged, frame.get_column(unit), waived)
        return GateResult(gate, refused, tuple(_finding(one, judged[one.id]) for one in unmet))

    def findings(self) -> list[Tally]:
        """Return what all checks of this run add up to, met expectations included, in suite order."""
        order = [(gate, one.id) for gate, suite in self._suites.items() for one in suite.expectations]
        with self._lock:
            return [self._tallies[key] for key in order if key in self._tallies]

    def write_docs(self, folder: Path, run_id: str, at: datetime) -> Path:
        """Write Data Docs of this run, without any value of the data; return the path of their index page."""
        tallies = {(tally.gate, tally.expectation): tally for tally in self.findings()}
        pages = [
            Page(suite, {one.id: tallies[gate, one.id] for one in suite.expectations if (gate, one.id) in tallies})
            for gate, suite in self._suites.items()
        ]
        return write_site(folder, run_id, at, pages)

    def _count(self, gate: str, one: Expectation, judgement: Judgement, *, missed: bool) -> None:
        old = self._tallies.get((gate, one.id)) or Tally(gate, one.id, one.severity, one.reason)
        self._tallies[gate, one.id] = replace(
            old,
            failed=old.failed + len(judgement.rows),
            total=old.total + judgement.total,
            batches=old.batches + 1,
            missed=old.missed + missed,
        )


def _missed(one: Expectation, judgement: Judgement, columns: set[str], *, shares: bool) -> bool:
    """Whether the batch is below the bar; a share of very few rows says nothing, except that a column is gone."""
    few = judgement.total < one.min_rows or not shares
    if "mostly" in one.args and few and set(one.columns) <= columns:
        return False
    return not judgement.success


def _stops(one: Expectation, judgement: Judgement, frame: pl.DataFrame, *, shares: bool) -> bool:
    if one.severity == "stop":
        return True
    if one.severity != "hold":
        return False
    if not set(one.columns) <= set(frame.columns):
        return True  # the source's fault, not its rows'
    share = one.max_failed_share if shares else None
    return share is not None and frame.height >= one.min_rows and len(judgement.rows) > share * frame.height


def _refused(
    holds: list[Expectation], judged: Mapping[str, Judgement], units: pl.Series, waived: pl.DataFrame | None
) -> pl.DataFrame:
    """Name each refused unit once, with the first reason in suite order that nobody has waived."""
    if not holds:
        return schema.empty(schema.VERDICTS)
    parts = [
        pl.DataFrame({"unit": units.gather(judged[one.id].rows)}).with_columns(
            result=pl.lit("quarantined"), reason=pl.lit(one.reason)
        )
        for one in holds
    ]
    refused = pl.concat(parts)
    if waived is not None:
        refused = refused.join(waived, on=["unit", "reason"], how="anti", maintain_order="left")
    return schema.conform(refused.unique("unit", keep="first", maintain_order=True), schema.VERDICTS)


def _finding(one: Expectation, judgement: Judgement) -> Finding:
    return Finding(one.id, one.severity, one.reason, len(judgement.rows), judgement.total)

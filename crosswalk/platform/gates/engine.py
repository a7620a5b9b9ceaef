"""The one place that talks to Great Expectations: a frame and rules in, failing row positions out.

Great Expectations has no Polars engine, so the judged columns, and only those, are handed over as pandas. It is told
to keep values out of its results.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from crosswalk.errors import ConfigError, TerminalError
from crosswalk.platform.expectations import Expectation, When
from crosswalk.platform.gates.known import ROW_KINDS, expectation_classes
from crosswalk.platform.gates.library import BatchDefinition, ExpectationSuite, FailureSeverity, gx, pd

RESULT_FORMAT: Final = {
    "result_format": "COMPLETE",  # every failing row, not the first twenty
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
    "partial_unexpected_count": 0,
}
SEVERITIES: Final = {
    "info": FailureSeverity.INFO,
    "warn": FailureSeverity.WARNING,
    "hold": FailureSeverity.CRITICAL,
    "stop": FailureSeverity.CRITICAL,
}


@dataclass(frozen=True)
class Judgement:
    """One rule's outcome on one batch: positions of failing rows, how many rows were judged, and GX's own verdict."""

    rows: pl.Series
    total: int
    success: bool


@dataclass(frozen=True)
class Group:
    """The rules that judge the same rows, ready made for Great Expectations."""

    when: When | None
    expectations: tuple[Expectation, ...]
    suite: ExpectationSuite = field(compare=False)


def groups(gate: str, expectations: Sequence[Expectation]) -> tuple[Group, ...]:
    """Build the suites of a gate, once: one for each distinct condition.

    Raises:
        ConfigError: Great Expectations does not take an expectation as it is written.
    """
    whens = dict.fromkeys(expectation.when for expectation in expectations)
    return tuple(_group(gate, when, tuple(one for one in expectations if one.when == when)) for when in whens)


def _group(gate: str, when: When | None, expectations: tuple[Expectation, ...]) -> Group:
    return Group(when, expectations, ExpectationSuite(gate, [native(gate, one) for one in expectations]))


def native(gate: str, expectation: Expectation) -> Any:
    """Return Great Expectations' object of a rule; its meta carries our id."""
    try:
        return expectation_classes()[expectation.expect](
            **expectation.args, severity=SEVERITIES[expectation.severity], meta={"id": expectation.id}
        )
    except (KeyError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[-1].strip()
        raise ConfigError(f"gate {gate}: Great Expectations refuses it: {reason}", key=expectation.id) from None


def judge(gate: str, group: Group, frame: pl.DataFrame) -> dict[str, Judgement]:
    """Judge a batch by one group of rules.

    A rule about the whole batch fails all its rows or none. A column that the frame lacks fails every row: that a
    vendor stops sending it is not a reason to let all pass.

    Raises:
        TerminalError: a rule cannot be computed on these columns.
    """
    positions = _positions(frame, group.when)
    chosen = frame if len(positions) == frame.height else frame[positions]
    lacking = {one.id for one in group.expectations if not set(one.columns) <= set(frame.columns)}
    judged = {name: Judgement(positions, len(positions), success=not len(positions)) for name in lacking}
    present = [one for one in group.expectations if one.id not in lacking]
    if not len(positions) or not present:
        empty = Judgement(positions.clear(), len(positions), success=True)
        return {**dict.fromkeys((one.id for one in present), empty), **judged}
    by_row = {one.id for one in present if issubclass(expectation_classes()[one.expect], ROW_KINDS)}
    suite = group.suite if not lacking else _group(gate, group.when, tuple(present)).suite
    batch = _batches().get_batch({"dataframe": to_pandas(chosen, present)})
    for result in batch.validate(suite, result_format=RESULT_FORMAT).results:
        config = result.expectation_config
        name = config.meta["id"] if config is not None and config.meta else ""
        if _raised(result.exception_info):
            raise TerminalError(f"gate {gate}: {name} cannot be judged on these columns", code="GATE_BROKEN")
        rows = positions.clear() if result.success else positions
        if name in by_row:
            rows = positions.gather(_failing(gate, name, result.result, success=bool(result.success)))
        judged[name] = Judgement(rows, len(positions), success=bool(result.success))
    return judged


def _failing(gate: str, name: str, result: dict[str, Any], *, success: bool) -> pl.Series:
    """Read the failing rows; the count that goes with them must agree, so that none can go missing unnoticed."""
    failing = pl.Series(result.get("unexpected_index_list") or [], dtype=pl.Int64)
    if len(failing) != result.get("unexpected_count", 0) or (not success and failing.is_empty()):
        raise TerminalError(f"gate {gate}: {name} has an incomplete list of failing rows", code="GATE_BROKEN")
    return failing


def _raised(info: dict[str, Any] | None) -> bool:
    """Whether the computation failed; the shape differs between one metric and several."""
    if not info:
        return False
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(isinstance(one, dict) and one.get("raised_exception") for one in info.values())


def _positions(frame: pl.DataFrame, when: When | None) -> pl.Series:
    if when is None:
        return pl.int_range(frame.height, eager=True)
    if when.column not in frame.columns:
        raise TerminalError(f"the frame has no column {when.column!r} to choose rows by", code="GATE_BROKEN")
    column = pl.col(when.column)
    mask = column.is_in([one for one in when.values if one is not None]).fill_null(None in when.values)
    return frame.select(pl.arg_where(mask)).to_series().cast(pl.Int64)


def to_pandas(frame: pl.DataFrame, expectations: Sequence[Expectation]) -> pd.DataFrame:
    """Hand over the judged columns: null stays None, lists of codes become comma-joined text."""
    names = dict.fromkeys(name for one in expectations for name in one.columns)
    columns = {name: _pandas(frame.get_column(name)) for name in names}
    return pd.DataFrame(columns, index=pd.RangeIndex(frame.height))


def _pandas(column: pl.Series) -> "pd.Series[Any]":
    if column.dtype == pl.List(pl.String):
        column = column.list.join(",")
    if column.dtype.is_temporal() or (column.dtype.is_numeric() and not column.null_count()):
        return pd.Series(column.to_numpy())
    return pd.Series(column.to_list(), dtype=object)


@functools.cache
def _batches() -> BatchDefinition[Any]:
    """One context for the process; it keeps no data, writes no file and shows no progress bars."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment] # GX: a plain dict is its own default
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("batches")
    return asset.add_batch_definition_whole_dataframe("batch")

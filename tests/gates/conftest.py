"""Suites made in the test, and frames to judge."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from crosswalk.platform.gates import Expectation, Gates, Severity, Suite, When

Rule = Callable[..., Expectation]


@pytest.fixture
def rule() -> Rule:
    """One expectation; by default ``email`` must not be null."""

    def make(
        id: str = "rule",
        expect: str = "expect_column_values_to_not_be_null",
        severity: Severity = "hold",
        reason: str = "EMAIL_MISSING",
        *,
        share: float | None = None,
        when: When | None = None,
        min_rows: int = 1,
        **args: Any,
    ) -> Expectation:
        return Expectation(id, expect, args or {"column": "email"}, severity, reason, share, when, min_rows)

    return make


@pytest.fixture
def gates() -> Callable[..., Gates]:
    """Gates with one suite, of gate ``shaped``."""
    return lambda *rules: Gates({"shaped": Suite("shaped", "made in a test", rules)})


@pytest.fixture
def mails() -> Callable[..., pl.DataFrame]:
    """A frame of e-mail addresses, units u0, u1, …"""
    return lambda *values: pl.DataFrame(
        {"unit": [f"u{n}" for n in range(len(values))], "email": values}, schema={"unit": pl.String, "email": pl.String}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for suite files."""
    path = tmp_path / "expectations"
    path.mkdir()
    return path

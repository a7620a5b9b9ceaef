"""Data Docs of a run: Great Expectations' own rendering of the accumulated counts, in pages that stand alone.

Results are built here from counts, so no value of the data can be in them. The pages use our templates around Great
Expectations' sections, because its own page templates load scripts and styles from other people's servers.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from crosswalk.platform.expectations import Expectation, Suite
from crosswalk.platform.gates.engine import native
from crosswalk.platform.gates.library import (
    DefaultJinjaPageView,
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
    ValidationResultsPageRenderer,
)
from crosswalk.platform.gates.tally import Tally

TEMPLATES: Final = Path(__file__).with_name("templates")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


class _PageView(DefaultJinjaPageView):
    """Great Expectations' view with our page around its sections."""

    _template = "gate.html"


@dataclass(frozen=True)
class Page:
    """One gate's rules, with what the run counted for those that were checked."""

    suite: Suite
    tallies: Mapping[str, Tally]

    @property
    def missed(self) -> int:
        """How many rules were not met."""
        return sum(tally.missed > 0 for tally in self.tallies.values())

    @property
    def rows(self) -> int:
        """Rows that came through the gate, as far as a rule judged them."""
        return max((tally.total for tally in self.tallies.values()), default=0)

    @property
    def rules(self) -> tuple[tuple[Expectation, Tally], ...]:
        """The checked rules in suite order."""
        found = self.tallies
        return tuple((rule, found[rule.id]) for rule in self.suite.expectations if rule.id in found)

    @property
    def worst(self) -> str:
        """The gravest severity among the rules that were not met."""
        order = ("info", "warn", "hold", "stop")
        return max((tally.severity for tally in self.tallies.values() if tally.missed), key=order.index, default="")


def write_site(folder: Path, run_id: str, at: datetime, pages: Sequence[Page]) -> Path:
    """Write an index and one page for each gate into a folder of the run; return the index."""
    site = folder / (_UNSAFE.sub("-", run_id).strip(".") or "run")
    site.mkdir(parents=True, exist_ok=True)
    view: Any = _PageView(custom_views_directory=str(TEMPLATES))
    renderer = ValidationResultsPageRenderer(run_info_at_end=True)
    stamp = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    about = {"run_id": run_id, "at": stamp, "pages": pages}
    for page in pages:
        if page.tallies:
            document = renderer.render(_validation(page, run_id, at))
            document.sections = document.sections[1:-1]  # its overview and run information: the page has its own
            html = view.render(document, page=page, **about)
            (site / f"{page.suite.gate}.html").write_text(html, encoding="utf-8")
    index = site / "index.html"
    index.write_text(view.env.get_template("index.html").render(about), encoding="utf-8")
    return index


def _validation(page: Page, run_id: str, at: datetime) -> Any:
    """Merge all batches of a gate into one validation result, made of counts only."""
    results = [_result(page.suite.gate, rule, tally) for rule, tally in page.rules]
    met = len(results) - page.missed
    return ExpectationSuiteValidationResult(
        success=not page.missed,
        results=results,
        suite_name=page.suite.gate,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": met,
            "unsuccessful_expectations": page.missed,
            "success_percent": 100 * met / len(results),
        },
        meta={"run_id": {"run_name": run_id, "run_time": at.astimezone(UTC).isoformat()}},
    )


def _result(gate: str, rule: Expectation, tally: Tally) -> Any:
    share = 100 * tally.failed / tally.total if tally.total else 0.0
    return ExpectationValidationResult(
        success=not tally.missed,
        expectation_config=native(gate, rule).configuration,
        result={"element_count": tally.total, "unexpected_count": tally.failed, "unexpected_percent": share},
        exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
    )

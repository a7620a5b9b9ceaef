"""What a benchmark says: Markdown for people, in a section of its own for each setting."""

import os
import platform
import shlex
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from benchmarks.bench import RETURN, SYNC, Result
from benchmarks.figures import Step, ratios, shares, steps
from benchmarks.measure import VENDORS, Measured

NEXT = "<!-- next setting -->"
FRESH = f"""\
# Benchmark results

What the figures mean and how to repeat them: [docs/performance.md](../docs/performance.md). `make bench` writes what
stands between markers; the rest is written by hand.

{NEXT}

## What limits each step
"""


def machine() -> dict[str, str]:
    """Say what it ran on."""
    models = [line for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    return {
        "processor": models[0].split(":", 1)[1].strip() if models else platform.machine(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "date": date.today().isoformat(),  # noqa: DTZ011 -- the day on the reader's wall
    }


def section(results: Sequence[Result], command: Sequence[str]) -> str:
    """Render what was measured with one setting: ratios first, then figures."""
    on = machine()
    said = shlex.join(command)
    lines = [
        f"## {_setting(results[0])}",
        "",
        f"{on['date']}, {on['cores']} cores ({on['processor']}), Python {on['python']}: `{said}`",
        "",
        "### The hub divided by the plain script",
        "",
        *_ratios(results),
        "",
    ]
    for result in results:
        lines += [f"### {result.contacts:,} contacts", "", *_absolute(result), ""]
    return "\n".join(lines)


def write(path: Path, results: Sequence[Result], command: Sequence[str]) -> None:
    """Put the section in place of the one of the same setting, or behind the others; keep what is written by hand."""
    text = path.read_text(encoding="utf-8") if path.exists() else FRESH
    setting = _setting(results[0])
    begin, end = f"<!-- begin: {setting} -->", f"<!-- end: {setting} -->"
    new = f"{begin}\n{section(results, command)}{end}"
    if begin in text:
        before, _, rest = text.partition(begin)
        text = before + new + rest.partition(end)[2]
    else:
        text = text.replace(NEXT, f"{new}\n\n{NEXT}", 1)
    path.write_text(text, encoding="utf-8")


def _setting(result: Result) -> str:
    return f"{result.latency_ms:g} ms latency, limits {'enforced' if result.limits else 'off'}"


def _ratios(results: Sequence[Result]) -> list[str]:
    rows = [
        (
            f"{result.contacts:,}",
            one.name,
            one.unit,
            *(f"{value:.2f}" for value in (one.wall, one.cpu, one.calls, one.peak)),
        )
        for result in results
        for one in ratios(result)
    ]
    heads = ("contacts", "hub", "for each", "time", "CPU", "calls", "peak memory")
    return _table(heads, rows) if rows else ["Not measured."]


def _absolute(result: Result) -> list[str]:
    heads = (
        *("process", "s", "s told", "CPU s", "sandbox CPU s", "peak MB", "read", "changed", "read/s", "changed/s"),
        *("HubSpot calls", "Salesforce calls", "HubSpot calls per 1,000 changed", "Salesforce calls per 1,000 changed"),
        "429",
    )
    lines = _table(heads, [_row(one) for one in result.measured.values()])
    for name in (SYNC, RETURN):
        if name in result.measured and (timed := steps(result.measured[name])):
            lines += ["", f"Steps of {name}:", "", *_steps(timed)]
    if result.limits:
        lines += ["", "Shares of the vendor's limits:", "", *_shares(result)]
    lines += ["", "Calls by endpoint:", "", *_table(("endpoint", *result.measured), _endpoints(result))]
    lines += ["", *(f"- {'holds' if holds else '**FAILS**'}: {what}" for what, holds in result.checks.items())]
    return lines + [f"- {line}" for line in result.missing]


def _steps(timed: Sequence[Step]) -> list[str]:
    rows = [(one.name, f"{one.entered:,}", f"{one.seconds:.2f}", f"{one.speed:,.0f}") for one in timed]
    return _table(("step", "in", "s", "in/s"), rows)


def _shares(result: Result) -> list[str]:
    rows = [
        (
            *(one.name, one.path, str(one.calls), f"{one.seconds:.1f}"),
            *(f"{one.per_second:.1f}", f"{one.share:.0%}", f"{one.rows:,.0f}"),
        )
        for measured in result.measured.values()
        for one in shares(measured)
    ]
    heads = ("process", "path", "calls", "s from first to last", "calls/s", "share of the limit", "rows/s allowed")
    return _table(heads, rows) if rows else ["No path was used for longer than the window of its limit."]


def _row(one: Measured) -> tuple[str, ...]:
    calls = [one.calls_per_thousand(vendor) for vendor in VENDORS]
    return (
        one.name,
        *(f"{value:.2f}" for value in (one.wall, one.document["seconds"], one.cpu, one.sandbox_cpu)),
        *(f"{value:,.0f}" for value in (one.peak_mb, one.read, one.changed, one.read / one.wall)),
        f"{one.changed / one.wall:,.0f}",
        *(str(one.requests[vendor]["total"]) for vendor in VENDORS),
        *("" if count is None else f"{count:.1f}" for count in calls),
        str(one.refused),
    )


def _endpoints(result: Result) -> Iterator[tuple[str, ...]]:
    served = [one.requests for one in result.measured.values()]
    for vendor in VENDORS:
        for endpoint in sorted({endpoint for one in served for endpoint in one[vendor]["by_endpoint"]}):
            counts = (one[vendor]["by_endpoint"].get(endpoint, 0) for one in served)
            yield f"{vendor} `{endpoint}`", *(f"{count:,}" if count else "" for count in counts)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    first, *others = heads
    ruler = "|".join(["---", *("---:" for _ in others)])
    return [f"| {' | '.join([first, *others])} |", f"|{ruler}|", *(f"| {' | '.join(row)} |" for row in rows)]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

"""`python -m benchmarks`, or `make bench`: measure the hub and a plain script side by side, and write the results.

Exit codes: 0 done, 1 something did not hold that must hold.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.bench import PARTS, Result, bench
from benchmarks.figures import ratios, shares, steps
from benchmarks.report import machine, section, write
from benchmarks.stage import ROOT


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size in turn; print, and write what was asked for."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    chosen = _parser().parse_args(given)
    results = []
    for contacts in chosen.contacts:
        print(f"{contacts:,} contacts", file=sys.stderr)
        results.append(bench(contacts, latency_ms=chosen.latency_ms, limits=chosen.limits, only=chosen.only))
    command = ["python", "-m", "benchmarks", *given]
    print(section(results, command))
    write(chosen.results, results, command)
    if chosen.json:
        document = {"machine": machine(), "command": command, "results": [_document(one) for one in results]}
        chosen.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return 0 if all(holds for one in results for holds in one.checks.values()) else 1


def _document(result: Result) -> dict[str, object]:
    measured = result.measured.values()
    return {
        **asdict(result),
        "ratios": [one._asdict() for one in ratios(result)],
        "steps": {one.name: [step._asdict() for step in steps(one)] for one in measured},
        "shares": [share._asdict() for one in measured for share in shares(one)],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, allow_abbrev=False)
    parser.add_argument("--contacts", type=_sizes, default=[10_000], help="sizes, as in 10000,100000 (10000)")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="added to each vendor request (0)")
    parser.add_argument("--limits", action="store_true", help="the vendors refuse what comes too fast")
    parser.add_argument("--only", type=_parts, default=PARTS, help=f"some of {','.join(PARTS)}")
    parser.add_argument("--json", type=Path, help="write everything that was measured to this file")
    results = ROOT / "benchmarks" / "RESULTS.md"
    parser.add_argument("--results", type=Path, default=results, help="the file of results (benchmarks/RESULTS.md)")
    return parser


def _sizes(text: str) -> list[int]:
    if not all(one.isdecimal() and int(one) for one in text.split(",")):
        raise argparse.ArgumentTypeError("must be numbers above zero, as in 10000,100000")
    return [int(one) for one in text.split(",")]


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(text.split(","))
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(unknown))}")
    return parts


if __name__ == "__main__":
    sys.exit(main())

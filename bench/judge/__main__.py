"""`python -m bench.judge`: measure, print tables, write bench/out/judge.json."""

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.judge import measuring, report, scenario, speed
from bench.judge.measuring import Case, Kind, Options
from bench.judge.report import Measured
from bench.judge.tables import tables

_OUT: Final = Path(__file__).parents[1] / "out" / "judge.json"
_WIDTH: Final = 132


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 1 means that a target was missed, which few runs can not say."""
    chosen = _parser().parse_args(arguments)
    sizes = scenario.QUICK if chosen.quick else scenario.FULL
    options = Options(sizes, chosen.seed, chosen.processes)
    console, began = _console(), time.monotonic()
    took = speed.microseconds()
    try:
        with _Bars(console, options) as bars:
            results = measuring.measure(options, bars.advance)
    except KeyboardInterrupt:
        return 130
    measured = Measured(options, results, _quicker(took, speed.microseconds()))
    report.write(measured, chosen.out)
    for table in tables(measured):
        console.print(table)
    missed = [] if chosen.quick else report.missed(measured)
    for line in missed:
        console.print(f"[bold red]MISSED[/]  {line}", highlight=False)
    console.print(f"written to {chosen.out} after {time.monotonic() - began:.0f} s")
    return 1 if missed else 0


def _console() -> Console:
    """A pipe has no width of its own: the tables have room on it."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


class _Bars:
    """A bar for each kind of run; on a pipe, a line for each case that is done."""

    def __init__(self, console: Console, options: Options) -> None:
        self._console = console
        self._left = {case: case.runs for case in measuring.cases(options.sizes)}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks = {
            kind: self._progress.add_task(
                f"runs: {kind}", total=sum(n for c, n in self._left.items() if c.kind is kind)
            )
            for kind in Kind
        }

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def advance(self, case: Case, runs: int) -> None:
        """Some more runs of a case are done."""
        self._progress.advance(self._tasks[case.kind], runs)
        self._left[case] -= runs
        if not self._left[case] and not self._console.is_terminal:
            late = f", harm after {case.plan.harmed_at} s" if case.kind is Kind.HARM else ""
            self._console.print(f"{case.kind}: {case.plan.name}{late}: {case.runs} runs are done")
            self._console.file.flush()


def _quicker(one: Mapping[str, float], other: Mapping[str, float]) -> Mapping[str, float]:
    """Of two measurements, before and after the long part, the one with less of others' work in it."""
    return {name: min(one[name], other[name]) for name in one}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.judge", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="few runs, within a minute: too few for targets")
    add("--seed", type=int, default=2026, help="of all chance (%(default)d)")
    processors = os.cpu_count() or 1
    add("--processes", type=int, default=processors, help="side by side (%(default)d)")
    add("--out", type=Path, default=_OUT, help="where the figures go (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench.fleet`: let a day pass, print tables, write bench/out/fleet.json."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.fleet import report
from bench.fleet.figures import Seen, missed
from bench.fleet.playing import Stage
from bench.fleet.scenario import HOUR, Scenario
from e2e.bed import NotInTime, Operator
from e2e.cluster import Cluster, ClusterOptions
from e2e.cluster.errors import ClusterError
from e2e.cluster.progress import Progress, Terminal

_OUT: Final = Path(__file__).parents[1] / "out" / "fleet.json"
_USUAL: Final = Scenario()
_WIDTH: Final = 120
_UNSCRAPED: Final = r"podAnnotations.prometheus\.io/scrape=no"
"""Only the bench reads what the operator shows of itself: writing it out each second would be much of its work."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 1 means that a promise was not kept, 2 that nothing could be measured."""
    chosen = _parser().parse_args(arguments)
    scenario = Scenario(
        models=chosen.models,
        harmed=chosen.harmed,
        seconds=int(chosen.hours * HOUR),
        factor=chosen.factor,
        seed=chosen.seed,
    )
    try:
        seen = _play(scenario, _timed(Terminal()), chosen.run_dir)
    except (ClusterError, NotInTime) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    report.write(seen, chosen.out)
    console = Console()
    for table in report.tables(seen):
        (console if console.is_terminal else Console(width=_WIDTH)).print(table)
    for line in missed(seen):
        print(f"MISSED  {line}")
    print(f"written to {chosen.out}")
    return 1 if missed(seen) else 0


def _play(scenario: Scenario, progress: Progress, run_dir: Path | None) -> Seen:
    with Cluster.start(ClusterOptions(run_dir=run_dir), progress) as cluster:
        stage = Stage(cluster, scenario, progress)
        progress("installing Knowngood")
        return stage.play(Operator.install(cluster, stage.reader, "replicas=1", _UNSCRAPED))


def _timed(progress: Progress) -> Progress:
    """Put the time since the start before every line."""
    began = time.monotonic()

    def say(line: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        progress(f"[{minutes:3d}:{seconds:02d}] {line}")

    return say


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    add = parser.add_argument
    add("--models", type=int, default=_USUAL.models, help="whose versions are alike (%(default)d)")
    add("--harmed", type=int, default=_USUAL.harmed, help="whose canary is worse (%(default)d)")
    add("--hours", type=float, default=_USUAL.seconds / HOUR, help="that pass (%(default)g)")
    add("--factor", type=float, default=_USUAL.factor, help="how many times faster (%(default)g)")
    add("--seed", type=int, default=_USUAL.seed, help="of all chance (%(default)d)")
    add("--out", type=Path, default=_OUT, help="where the figures go (%(default)s)")
    add("--run-dir", type=Path, help="keep the cluster's logs here")
    return parser


if __name__ == "__main__":
    sys.exit(main())

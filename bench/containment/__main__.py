"""`python -m bench.containment`: measure, print a table, write bench/out/containment.json."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bench.containment import containing, fleet, report
from bench.containment.bed import Bed
from bench.containment.manifests import error_rate
from bench.containment.scenario import Options, Part
from bench.containment.witness import BenchError
from e2e.cluster.errors import ClusterError
from e2e.cluster.progress import Progress, Terminal

_OUT: Final = Path(__file__).parents[1] / "out" / "containment.json"
_USUAL: Final = Options()
_NAMES: Final = {
    "threshold": Part.THRESHOLD,
    "proportion": Part.PROPORTION,
    "late": Part.LATE,
    "fleet": Part.FLEET,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 1 means that a target was missed, 2 that something could not be measured."""
    chosen = _parser().parse_args(arguments)
    progress = _timed(Terminal())
    options = Options(
        runs=chosen.runs,
        lanes=chosen.lanes,
        late_lanes=chosen.late_lanes,
        healthy_s=chosen.healthy,
        seed=chosen.seed,
    )
    results = report.Results(options=options)
    try:
        for _ in _measure(chosen.parts, options, progress, chosen.run_dir, results):
            report.write(results, chosen.out)
    except (ClusterError, BenchError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    print(report.table(results))
    for line in report.missed(results):
        print(f"MISSED  {line}")
    print(f"written to {chosen.out}")
    return 1 if report.missed(results) else 0


def _measure(
    wanted: Sequence[Part],
    options: Options,
    progress: Progress,
    run_dir: Path | None,
    results: report.Results,
) -> Iterator[Part]:
    """Measure part by part; each is in the results when it is yielded."""
    with Bed.up(progress, run_dir) as bed:
        bed.apply(error_rate())
        for part in wanted:
            if part is Part.FLEET:
                results.fleet = fleet.measure(bed, options)
            else:
                results.parts[part] = containing.measure(bed, part, options)
            yield part


def _timed(progress: Progress) -> Progress:
    """Put the time since the start before every line."""
    began = time.monotonic()

    def say(line: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        progress(f"[{minutes:3d}:{seconds:02d}] {line}")

    return say


def _parts(text: str) -> Sequence[Part]:
    unknown = set(text.split(",")) - set(_NAMES)
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no part {', '.join(sorted(unknown))}")
    return [_NAMES[name] for name in text.split(",")]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.containment", description=__doc__)
    add = parser.add_argument
    add("--runs", type=int, default=_USUAL.runs, help="runs of each part (%(default)d)")
    add(
        "--parts",
        type=_parts,
        default=",".join(_NAMES),
        help="which parts, with commas between them (%(default)s)",
    )
    add("--lanes", type=int, default=_USUAL.lanes, help="models side by side (%(default)d)")
    add(
        "--late-lanes",
        type=int,
        default=_USUAL.late_lanes,
        help="models side by side in the part `late` (%(default)d)",
    )
    add(
        "--healthy",
        type=float,
        default=_USUAL.healthy_s,
        help="seconds of health before the harm in the part `late` (%(default)g)",
    )
    add("--seed", type=int, default=_USUAL.seed, help="of the waits before the harm (%(default)d)")
    add("--out", type=Path, default=_OUT, help="where the figures go (%(default)s)")
    add("--run-dir", type=Path, help="keep the cluster's logs here")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`python -m e2e.demo`: a bad version of a loan model is found out and taken back.

Starts a local cluster with a gateway, Prometheus and Knowngood, and sends real loan applications to
version 1 of a model. Scenario rollout, the default: rolls out version 2, which has a unit bug, watches
Knowngood take it back, and then rolls out version 3, which is good. Scenario drift: version 2 takes
over, serves, and turns bad because of what it reads; version 1 stands by and takes over from it.
Scenario pipeline: the feed of all versions turns bad, so no version is any better; people let people
decide instead, stop the feed, mend it, and give the model its requests back.
Ctrl-C ends it at any time and leaves nothing behind.
"""

import argparse
import contextlib
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from rich.console import Console

from e2e.bed import chart
from e2e.bed.images import own_images
from e2e.cluster import Cluster, ClusterOptions, Part
from e2e.cluster.binaries import Tools
from e2e.cluster.errors import ClusterError
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Terminal
from e2e.demo.drift import Drift
from e2e.demo.harm import Harm
from e2e.demo.narrator import Narrator
from e2e.demo.observation import IncidentView
from e2e.demo.paging import Pager
from e2e.demo.pipeline import Pipeline
from e2e.demo.play import Play
from e2e.demo.report import course, findings, losses
from e2e.demo.scenario import Scenario
from e2e.demo.stage import HOST, MODEL, NAMESPACE, DemoError
from e2e.demo.staying import invitation
from e2e.demo.terminal import silent_keys
from e2e.demo.watcher import Watcher
from e2e.demo.words import clock_time
from e2e.load import Load, Traffic
from e2e.load.generator import LoadError

_SCENARIOS: Final[Mapping[str, type[Scenario]]] = {
    "rollout": Play,
    "drift": Drift,
    "pipeline": Pipeline,
}
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM)
_ENDED: Final = "The demo was ended; nothing of it is left running."


def main() -> int:
    """Play; 1 if it did not go as it should, 130 after Ctrl-C."""
    options = _parser().parse_args()
    for number in _ENDINGS:
        signal.signal(number, _interrupt)
    with silent_keys():
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    console = Console(highlight=False, force_terminal=False if options.plain else None)
    progress = Terminal()
    run_dir = Path(tempfile.mkdtemp(prefix="knowngood-demo-"))
    try:
        good = _play(console, progress, run_dir, options)
    except (ClusterError, DemoError, LoadError) as error:
        headline = str(error).partition("\n")[0]
        text = f"{error}\n\n{headline}\nlogs are kept in {run_dir}"
        console.print(text, style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        shutil.rmtree(run_dir, ignore_errors=True)
        progress(_ENDED)
        return 130
    shutil.rmtree(run_dir, ignore_errors=True)
    if options.keep:
        progress(_ENDED)
    return 0 if good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m e2e.demo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--scenario", choices=_SCENARIOS, default="rollout", help="what is played (%(default)s)"
    )
    parser.add_argument("--keep", action="store_true", help="stay up afterwards, to play with")
    parser.add_argument(
        "--rate",
        type=float,
        default=80,
        help="applications per second (%(default)g; with fewer than 40 it may wait in vain)",
    )
    parser.add_argument("--plain", action="store_true", help="write lines, also on a terminal")
    return parser


def _play(console: Console, progress: Terminal, run_dir: Path, options: argparse.Namespace) -> bool:
    scenario = _SCENARIOS[options.scenario]
    with (
        _cluster(progress, run_dir, paged=scenario.paged) as (cluster, pager),
        contextlib.ExitStack() as stack,
    ):
        narrator = stack.enter_context(Narrator(console))
        watcher = stack.enter_context(Watcher(cluster, NAMESPACE, MODEL, narrator.seen))
        play = scenario(cluster, watcher, narrator)
        play.pager = pager
        play.begin()
        load = stack.enter_context(
            Load.start(Traffic(url=cluster.gateway_url, host=HOST, rate=options.rate))
        )
        narrator.ledger = load.ledger
        stack.callback(_no_more_interrupts)  # what is below must end in order
        done, incident = play.trouble(load)
        _tell_incident(narrator, incident, done)
        play.after(load)
        good = _sum_up(narrator, play, load)
        if options.keep:
            _stay(narrator, cluster, play.to_try)
    return good


@contextlib.contextmanager
def _cluster(
    progress: Terminal, run_dir: Path, *, paged: bool
) -> Iterator[tuple[Cluster, Pager | None]]:
    """A cluster with Knowngood, which tells an Alertmanager where somebody is paged."""
    Tools(default_cache_dir(), progress).prepare(frozenset(Part), helm=True, alertmanager=paged)
    options = ClusterOptions(images=own_images(progress), run_dir=run_dir)
    with Cluster.start(options, progress) as cluster, contextlib.ExitStack() as stack:
        try:
            pager = stack.enter_context(Pager.beside(cluster)) if paged else None
            progress("installing charts/knowngood")
            chart.install(cluster, *(pager.settings if pager else ()))
            progress("Knowngood is ready")
            yield cluster, pager
        finally:
            _no_more_interrupts()


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    _no_more_interrupts()  # a second Ctrl-C must not break the tidying of the first one
    raise KeyboardInterrupt


def _no_more_interrupts() -> None:
    for number in _ENDINGS:
        signal.signal(number, signal.SIG_IGN)


def _tell_incident(narrator: Narrator, incident: IncidentView, done: Harm) -> None:
    narrator.console.print(f"\nIncident {incident.name}\n", style="bold", markup=False)
    for moment in course(incident, done):
        after = "" if moment.after_s is None else f"{moment.after_s:+7.2f} s"
        head = f"  {clock_time(moment.time)}  {after}  {moment.who:9}  "
        narrator.sentence(head, moment.text)
    narrator.console.print("")


def _sum_up(narrator: Narrator, play: Scenario, load: Load) -> bool:
    lines = findings(
        play.harm(load),
        load.ledger,
        bad=play.bad,
        otherwise=play.otherwise,
        effort=play.effort,
    )
    lost = losses(load.ledger)
    narrator.standing = False
    narrator.console.print("\nIn short", style="bold")
    for line in [*lines, *play.also(load), *lost]:
        narrator.sentence("  ", line, style="red" if line in lost else "")
    return not lost


def _stay(narrator: Narrator, cluster: Cluster, to_try: str) -> None:
    text = invitation(
        to_try,
        kubeconfig=cluster.kubeconfig,
        programs=cluster.tools.kubectl.parent,
        run_dir=cluster.run_dir,
        gateway_url=cluster.gateway_url,
        prometheus_url=cluster.prometheus_url,
    )
    narrator.console.print(text, markup=False, soft_wrap=True)
    with contextlib.suppress(KeyboardInterrupt):  # the way it is meant to end
        signal.pause()


if __name__ == "__main__":
    sys.exit(main())

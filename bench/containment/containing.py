"""A part: lanes side by side, batch after batch, until it has its runs."""

import random
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from math import ceil
from typing import Final

from bench.containment.bed import Bed
from bench.containment.lane import Account, Lane
from bench.containment.machine import Busy, waiting
from bench.containment.moments import STAGES, Moments, Spread, spread
from bench.containment.scenario import RATE, SOON, SPREAD, Options, Part
from e2e.cluster.errors import ClusterError

_GONE_S: Final = 90
_NEWS_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Contained:
    """What the runs of one part came to.

    Attributes:
        lanes: How many models lived side by side.
        busy: Share of the machine's processors that was used meanwhile.
        queue: Programs that ran or waited for a processor, on average over the last minutes.
    """

    part: Part
    runs: Sequence[Moments]
    false_alarms: int
    requests: int
    lost: int
    lanes: int
    busy: float
    queue: float

    @property
    def containment(self) -> Spread:
        """Over all runs."""
        return spread([run.containment for run in self.runs])

    @property
    def split(self) -> dict[str, Spread]:
        """Each stage over all runs."""
        return {stage: spread([run.split[stage] for run in self.runs]) for stage in STAGES}

    @property
    def bad_answers(self) -> Spread:
        """Failed answers that clients got from the bad version in one run: a number, not a time."""
        return spread([run.bad_answers for run in self.runs])


def measure(bed: Bed, part: Part, options: Options) -> Contained:
    """Do the runs of a part.

    Raises:
        BenchError: Something did not happen in time.
    """
    dice = random.Random(f"{options.seed}-{part}")
    width = options.width(part)
    busy = Busy()
    accounts: list[Account] = []
    for waits in _batches(part, options, dice):
        accounts += _side_by_side(bed, part, waits, dice, first=len(accounts) + 1)
    return Contained(
        part=part,
        runs=[run for account in accounts for run in account.runs],
        false_alarms=sum(account.false_alarms for account in accounts),
        requests=sum(account.requests for account in accounts),
        lost=sum(account.lost for account in accounts),
        lanes=width,
        busy=busy.share,
        queue=waiting(),
    )


def _batches(part: Part, options: Options, dice: random.Random) -> list[list[list[float]]]:
    """For each batch, for each of its lanes: the seconds of health before each harm."""
    width = options.width(part)
    if part is not Part.LATE:
        each = ceil(options.runs / width)
        return [[[dice.uniform(*SOON) for _ in range(each)] for _ in range(width)]]
    waits = [options.healthy_s + dice.uniform(0, SPREAD) for _ in range(options.runs)]
    return [[[wait] for wait in waits[i : i + width]] for i in range(0, len(waits), width)]


def _side_by_side(
    bed: Bed, part: Part, waits: Sequence[list[float]], dice: random.Random, first: int
) -> list[Account]:
    """Run one batch; `first` numbers its lanes, so that no two batches share a namespace."""
    lanes = [Lane(bed, part, index, RATE) for index in range(first, first + len(waits))]
    ready = threading.Barrier(len(lanes))
    bed.progress(f"{part}: {sum(map(len, waits))} runs on {len(lanes)} models side by side")
    try:
        with ThreadPoolExecutor(len(lanes)) as pool:
            running = [
                pool.submit(lane.run, mine, random.Random(dice.random()), ready)
                for lane, mine in zip(lanes, waits, strict=True)
            ]
            try:
                _tell(bed, part, running)
                return [one.result() for one in running]
            except BaseException:
                bed.witness.stopping.set()  # or the pool would wait for lanes that go on
                raise
    finally:
        _clear(bed, lanes)


def _tell(bed: Bed, part: Part, running: Sequence[Future[Account]]) -> None:
    """Say now and then that it goes on, until all have ended or one has failed."""
    left: set[Future[Account]] = set(running)
    while left:
        done, left = wait(left, timeout=_NEWS_S, return_when=FIRST_EXCEPTION)
        for one in done:
            one.result()
        if left:
            bed.progress(f"  {part}: {len(running) - len(left)} of {len(running)} models are done")


def _clear(bed: Bed, lanes: Sequence[Lane]) -> None:
    """Take the models away, so that the next batch has the machine for itself."""
    names = [lane.namespace for lane in lanes]
    limit = f"--timeout={_GONE_S}s"
    try:
        for name in names:
            bed.cluster.kubectl("delete", "aimodeldeployments", "--all", "-n", name, limit)
        bed.cluster.kubectl("delete", "namespaces", "--ignore-not-found", limit, *names)
    except ClusterError as error:
        bed.progress(f"  not everything of {', '.join(names)} went: {error}")

"""All runs, on all processors; the same seed gives the same figures on any number of them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import get_context
from typing import Final

from bench.judge import scenario, trial
from bench.judge.scenario import Sizes
from bench.judge.streams import Plan
from bench.judge.trial import Said

_CELLS_AT_A_TIME: Final = 40_000  # of traffic in one task: about two seconds of work

Results = dict["Case", list[Said]]
"""What the judges said in each run of a case."""


class Kind(StrEnum):
    """What a case is about."""

    NULL = "no harm"
    HARM = "harm"
    MARGIN = "at the margin"


@dataclass(frozen=True, slots=True)
class Case:
    """Runs of one plan.

    Attributes:
        kind: What is asked.
        number: Of the case among all, for its seeds.
        plan: The traffic.
        runs: How many.
        with_kayenta: In how many of them Kayenta is asked too.
        margin: Of non-inferiority, at the margin.
    """

    kind: Kind
    number: int
    plan: Plan
    runs: int
    with_kayenta: int = 0
    margin: float = 0.0

    @property
    def at_a_time(self) -> int:
        """Runs in one task."""
        seen = self.plan.seconds if self.kind is not Kind.HARM else self.plan.harmed_at + 600
        return max(1, _CELLS_AT_A_TIME * self.plan.cell // seen)


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen.

    Attributes:
        sizes: How many runs of each kind.
        seed: Of all chance.
        processes: That work side by side.
    """

    sizes: Sizes
    seed: int
    processes: int


def cases(sizes: Sizes) -> Sequence[Case]:
    """All cases, those that take longest first."""
    return [*_nulls(sizes), *_margins(sizes), *_harms(sizes)]


def measure(options: Options, progress: Callable[[Case, int], None]) -> Results:
    """Run all cases.

    Args:
        options: What was chosen.
        progress: Is told of some more runs of a case.
    """
    wanted = cases(options.sizes)
    batches: dict[Case, dict[int, list[Said]]] = {case: {} for case in wanted}
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
        tasks = {
            pool.submit(_batch, case, runs, options.seed): (case, runs)
            for case in wanted
            for runs in _split(case)
        }
        try:
            for task in as_completed(tasks):
                case, runs = tasks[task]
                batches[case][runs.start] = task.result()
                progress(case, len(runs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {
        case: [said for _, b in sorted(done.items()) for said in b]
        for case, done in batches.items()
    }


def _nulls(sizes: Sizes) -> Iterator[Case]:
    plans = sorted(scenario.NULLS, key=lambda plan: plan.cell)
    for number, plan in enumerate(plans):
        runs = sizes.null_each_second if plan.cell == 1 else sizes.null
        yield Case(Kind.NULL, number, plan, runs, min(runs, sizes.peer))


def _margins(sizes: Sizes) -> Iterator[Case]:
    for number, (plan, margin) in enumerate(scenario.MARGINS, 20):
        yield Case(Kind.MARGIN, number, plan, sizes.margin, margin=margin)


def _harms(sizes: Sizes) -> Iterator[Case]:
    for late, healthy in enumerate(scenario.HEALTHY):
        for number, plan in enumerate(scenario.harms(healthy), 40 + 10 * late):
            runs = sizes.harm if number % 10 == 0 else sizes.other_harm
            if healthy == max(scenario.HEALTHY):
                runs = sizes.after_an_hour
            yield Case(Kind.HARM, number, plan, runs, min(runs, sizes.peer))


def _split(case: Case) -> Iterator[range]:
    for first in range(0, case.runs, case.at_a_time):
        yield range(first, min(case.runs, first + case.at_a_time))


def _batch(case: Case, runs: range, seed: int) -> list[Said]:
    return [_run(case, run, (seed, case.number, run)) for run in runs]


def _run(case: Case, run: int, seed: tuple[int, ...]) -> Said:
    if case.kind is Kind.MARGIN:
        return trial.at_margin(case.plan, case.margin, seed)
    return trial.run(case.plan, seed, kayenta=run < case.with_kayenta)

"""One run of each kind: what every judge said of the same stream."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.judge import ours, scenario
from bench.judge.kayenta import Metric, Values
from bench.judge.kayenta import alarm as kayenta_alarm
from bench.judge.naive import INTERVAL
from bench.judge.streams import Counts, Plan, Stream, draw
from knowngood.analysis.noninferiority import NonInferiorRule

OURS = "knowngood"
HOURLY, OFTEN = "kayenta, each hour", "kayenta, each 10 minutes"


@dataclass(frozen=True, slots=True)
class Alarm:
    """When a judge raised an alarm.

    Attributes:
        at: Seconds from the start of the run; before the harm it is a false one.
        samples: Requests of the canary from the harm to the alarm.
    """

    at: int
    samples: int


Said = Mapping[str, Alarm | None]
"""Per judge its alarm, or None; judges that were not asked are absent."""


def run(plan: Plan, seed: tuple[int, ...], *, kayenta: bool) -> Said:
    """Draw a run and ask the judges.

    Args:
        plan: The traffic.
        seed: Of this run.
        kayenta: Whether Kayenta, which is slow, is asked too.
    """
    stream = draw(plan, np.random.default_rng(seed))
    at = {OURS: ours.alarm(stream, ours.rule(plan))}
    for rule in scenario.naive(plan):
        at[rule.name] = rule.alarm(stream, rises=plan.rises)
    if kayenta:
        at |= _kayenta(stream, plan)
    return {name: _alarm(stream, plan, second) for name, second in at.items()}


def at_margin(plan: Plan, margin: float, seed: tuple[int, ...]) -> Said:
    """When a canary that is worse by the margin is called non-inferior in a run: wrongly."""
    stream = draw(plan, np.random.default_rng(seed))
    asked = NonInferiorRule(ours.rule(plan).direction, margin, scenario.NON_INFERIOR)
    return {OURS: _alarm(stream, plan, ours.shown(stream, asked))}


def _kayenta(stream: Stream, plan: Plan) -> dict[str, int | None]:
    minutes = stream.per(INTERVAL)
    canary, baseline = _percent(minutes.x, minutes.n_c), _percent(minutes.y, minutes.n_s)
    metric = Metric(rises=plan.rises)
    hourly = kayenta_alarm(canary, baseline, metric, every=60, window=60)
    often = kayenta_alarm(canary, baseline, metric, every=10, window=60)
    return {
        name: None if minute is None else minute * INTERVAL
        for name, minute in ((HOURLY, hourly), (OFTEN, often))
    }


def _percent(events: Counts, total: Counts) -> Values:
    with np.errstate(invalid="ignore", divide="ignore"):
        return 100 * events / total


def _alarm(stream: Stream, plan: Plan, second: int | None) -> Alarm | None:
    return None if second is None else Alarm(second, stream.asked(plan.harmed_at, second))

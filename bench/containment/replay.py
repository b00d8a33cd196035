"""Which scrape brought enough: the samples of a run, judged once more, scrape by scrape.

The operator counts and tests on absolute seconds, so its own pure code comes to the same verdict
here; what is added is the time of the sample that made the difference.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import requests

from bench.containment.manifests import Json
from bench.containment.witness import BenchError
from knowngood.analysis.judging import RatioState, RatioTrigger, judge_ratio, plan_trigger
from knowngood.api.v1alpha1 import Trigger, VerdictKind
from knowngood.decisions.naming import child_name, is_pod_of
from knowngood.signals.counting import LOOKBACK, CountLedger
from knowngood.signals.planning import MARGIN
from knowngood.signals.selectors import parse_selector
from knowngood.signals.series import RawSeries, Target, parse_matrix

ALPHA: Final = 0.01
HORIZON_S: Final = 3600.0
_BAD: Final = parse_selector('model_requests_total{code=~"5.."}')
_TOTAL: Final = "model_requests_total"


@dataclass(frozen=True, slots=True)
class Judged:
    """One rollout, as it was judged.

    Attributes:
        namespace: Of the model.
        model: Its name.
        canary: The version that was judged.
        stable: The version beside it.
        since: When its evidence began, unix seconds.
        detected: When the operator decided, unix seconds.
        trigger: As in the policy.
    """

    namespace: str
    model: str
    canary: str
    stable: str
    since: float
    detected: float
    trigger: Json

    def version_of(self, target: Target) -> str | None:
        """Which version a scraped pod is of."""
        for version in (self.canary, self.stable):
            if is_pod_of(child_name(self.model, version), target.pod):
                return version
        return None


def fetch(prometheus_url: str, judged: Judged) -> Sequence[RawSeries]:
    """Read the raw samples that the operator could have seen."""
    width = int(judged.detected - judged.since + LOOKBACK + 10)
    query = f'{_TOTAL}{{namespace="{judged.namespace}"}}[{width}s]'
    with requests.Session() as session:
        session.trust_env = False  # the cluster is here, whatever proxy is set
        parameters = {"query": query, "time": f"{judged.detected:.3f}"}
        reply = session.get(f"{prometheus_url}/api/v1/query", params=parameters, timeout=30)
    reply.raise_for_status()
    answer: Any = reply.json()
    return parse_matrix(answer["data"]["result"])


def enough_at(series: Sequence[RawSeries], judged: Judged) -> float:
    """Return when the sample was scraped with which the counts became enough, in unix seconds.

    A threshold that was crossed for a moment, and not any more, was not enough: what counts is
    the crossing that lasts up to the decision.

    Raises:
        BenchError: There is none: the replay does not agree with the operator.
    """
    planned = plan_trigger(Trigger.model_validate(judged.trigger), ALPHA, HORIZON_S)
    if not isinstance(planned, RatioTrigger):
        raise BenchError("the trigger is not about a share of requests")
    ledger = CountLedger(judged.since)
    state: RatioState | None = None
    enough: float | None = None
    for at in sorted({at for one in series for at, _ in one.samples}):
        seen = _until(series, at, ledger.read_from)
        bad = tuple(one for one in seen if _BAD.matches(one.labels))
        ledger.advance(bad, seen, judged.version_of, at)
        state, verdict = judge_ratio(
            state, planned, ledger, judged.canary, judged.stable, at, expected_targets={}
        )
        if verdict.kind is not VerdictKind.BREACHED:
            enough = None
        elif enough is None:
            enough = at
    if enough is None:
        raise BenchError(
            f"{judged.namespace}: the replay of version {judged.canary} finds no breach"
        )
    return enough


def _until(series: Sequence[RawSeries], at: float, since: float) -> tuple[RawSeries, ...]:
    """What a read at an instant brings of the samples from `since` on."""
    cut = []
    for one in series:
        first = bisect_left(one.samples, since - MARGIN, key=_time)
        last = bisect_right(one.samples, at, key=_time)
        if first < last:
            cut.append(replace(one, samples=one.samples[first:last]))
    return tuple(cut)


def _time(sample: tuple[float, float]) -> float:
    return sample[0]

"""One model in one namespace: rolled out, harmed and taken back, as often as asked."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import floor
from typing import Final

from bench.containment.bed import Bed, post
from bench.containment.manifests import MODEL, host, model, namespace, part_policy, trigger
from bench.containment.moments import Moments
from bench.containment.replay import Judged, enough_at, fetch
from bench.containment.scenario import HARM, TESTS, Part
from bench.containment.witness import BenchError, Place, Sight
from e2e.load import Answer, Ledger, Load, Traffic
from e2e.models.clock import unix_seconds

_SERVING_S: Final = 240.0  # for pods to start, also on a busy machine
_MISSED_S: Final = 60.0
_AFTER_S: Final = 2.0  # of further traffic, so that the last answer was the last one
_LEAD_S: Final = 0.5  # the harm is ordered a moment ahead
_ATTEMPTS: Final = 3


@dataclass(slots=True)
class Account:
    """What the runs of one lane came to.

    Attributes:
        runs: The moments of each.
        false_alarms: Canaries that were taken back before any harm.
        requests: How many were sent.
        lost: How many of them failed although no model was told to fail them.
    """

    runs: list[Moments] = field(default_factory=list)
    false_alarms: int = 0
    requests: int = 0
    lost: int = 0


class Lane:
    """Runs one after the other on one model."""

    def __init__(self, bed: Bed, part: Part, index: int, rate: float) -> None:
        self._bed = bed
        self._part = part
        self._rate = rate
        self.namespace = f"{part.value.replace('_', '-')}-{index}"
        self._place: Place = (self.namespace, MODEL)
        self._version = 1

    def run(self, waits: list[float], dice: random.Random, ready: threading.Barrier) -> Account:
        """Do one run for each wait.

        Args:
            waits: Seconds of health before each harm.
            dice: For the row that the traffic begins with.
            ready: Passed once every lane serves its first version.

        Raises:
            BenchError: Something did not happen in time.
        """
        account = Account()
        try:
            self._serve()
        except BaseException:
            ready.abort()
            raise
        ready.wait()
        traffic = Traffic(
            url=self._bed.cluster.gateway_url,
            host=host(self.namespace),
            rate=self._rate,
            first_row=dice.randrange(20_000),
        )
        with Load.start(traffic) as load:
            for wait in waits:
                self._again_until_harmed(wait, load, account)
            self._pause(_AFTER_S)
        account.requests, account.lost = len(load.ledger), len(load.ledger.lost())
        return account

    def _serve(self) -> None:
        self._bed.apply(
            namespace(self.namespace),
            part_policy(self._part, self.namespace),
            model(self.namespace, "1"),
        )
        self._see(lambda s: s.phase == "Probation", "first version that serves", _SERVING_S)

    def _again_until_harmed(self, wait: float, load: Load, account: Account) -> None:
        for _ in range(_ATTEMPTS):
            moments = self._once(wait, load)
            if moments is not None:
                account.runs.append(moments)
                split = ", ".join(f"{k} {v:.2f}" for k, v in moments.split.items())
                self._say(f"contained in {moments.containment:.2f} s ({split})")
                return
            account.false_alarms += 1
            self._say("taken back before any harm: a false alarm; once more")
        raise BenchError(f"{self.namespace}: {_ATTEMPTS} false alarms in a row")

    def _once(self, wait: float, load: Load) -> Moments | None:
        self._version += 1
        version = f"{self._version}"
        self._bed.witness.forget(self._place)
        self._bed.apply(model(self.namespace, version))

        def mine(sight: Sight) -> bool:
            return sight.rollout.get("version") == version

        self._see(lambda s: mine(s) and s.phase == "Paused", "weight in the route", _SERVING_S)
        self._say(f"version {version} has its weight, harm in {wait:.0f} s")
        self._pause(wait - _LEAD_S)
        harmed = unix_seconds() + _LEAD_S
        for pod in self._bed.pods(self.namespace, f"knowngood.dev/version={version}"):
            order = {"error_rate": HARM, "at": harmed}
            post(f"http://{pod['status']['podIP']}:8080/fault", order)
        back = self._see(lambda s: mine(s) and "failure" in s.rollout, "rollback", _MISSED_S)
        self._see(lambda s: mine(s) and s.phase == "RolledBack", "its end", _MISSED_S)
        self._pause(_AFTER_S)
        load.check()
        if back.at < harmed:
            return None
        return self._moments(version, harmed, back, load.ledger)

    def _moments(self, version: str, harmed: float, back: Sight, ledger: Ledger) -> Moments | None:
        """Gather the moments; None if the usual errors alone were enough, before the harm showed."""

        def bad(answer: Answer) -> bool:
            return answer.version == version and not answer.ok

        first, last = ledger.first(bad, harmed), ledger.last_of(version)
        if first is None or last is None:
            return None
        judged = Judged(
            namespace=self.namespace,
            model=MODEL,
            canary=version,
            stable="1",
            since=_instant(back.rollout["evidenceSince"]),
            detected=_instant(back.rollout["failure"]["detectedAt"]),
            trigger=trigger(TESTS[self._part]),
        )
        enough = enough_at(fetch(self._bed.cluster.prometheus_url, judged), judged)
        if floor(enough) <= first.answered_at:  # whole seconds are judged: it was not counted yet
            return None
        return Moments(
            harmed=harmed,
            first_bad=first.answered_at,
            enough=enough,
            detected=judged.detected,
            written=back.at,
            last=last.answered_at,
            bad_answers=sum(bad(answer) for answer in ledger.answers(first.answered_at)),
        )

    def _see(self, matches: Callable[[Sight], bool], what: str, deadline_s: float) -> Sight:
        return self._bed.witness.first(self._place, matches, what, deadline_s)

    def _pause(self, seconds: float) -> None:
        self._bed.witness.rest(seconds)

    def _say(self, line: str) -> None:
        self._bed.progress(f"  {self.namespace}: {line}")


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()

"""Puts the fleet up, lets a day pass, and reads what came of it."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import requests

from bench.containment.machine import Busy
from bench.containment.manifests import Json, listed, namespace
from bench.fleet import manifests, process
from bench.fleet.figures import Seen, State
from bench.fleet.manifests import EXPORTER, NAMESPACE
from bench.fleet.operator import MODULE, image
from bench.fleet.pace import SOON_S, Pace, write
from bench.fleet.reading import Metrics, counted, naive, serving_alarms, taken_back, told
from bench.fleet.scenario import CANARY, HOUR, STABLE, Scenario
from e2e.bed import Operator, wait_for
from e2e.bed.chart import IMAGE
from e2e.bed.reading import Reader
from e2e.cluster import Cluster
from e2e.cluster.progress import Progress
from e2e.models.clock import unix_seconds
from knowngood.decisions.naming import child_name

TAIL_S: Final = 900
"""Seconds after the last request, by the bench's clock: the last block of a test closes after five minutes."""

LOOK_S: Final = 120.0
"""Seconds by the bench's clock from one look to the next that the clock is slowed down for, at most."""

_SLOWEST: Final = 20.0
_RISE: Final = 1.5
_UP_S: Final = 300
_COUNTED_S: Final = 60
_POLL_S: Final = 6.0
_TOLD_EVERY: Final = 5


class Stage:
    """A cluster with the operator on the bench's clock.

    Attributes:
        pace: How that clock runs.
        path: Where it is written.
    """

    def __init__(self, cluster: Cluster, scenario: Scenario, progress: Progress) -> None:
        """Write down how the clock will run, and tell the node what the operator's image is.

        The operator is to be installed, or started anew, after that.
        """
        self.cluster, self.scenario, self.progress = cluster, scenario, progress
        self.reader = Reader(cluster.kubeconfig)
        self.pace = Pace(scenario.seconds + TAIL_S + HOUR)
        self.path = cluster.run_dir / "pace.json"
        write(self.pace, self.path)
        program = image(self.path)
        cluster.set_image(IMAGE, program.argv, program.env)

    def play(self, operator: Operator) -> Seen:
        """Let the day pass.

        Raises:
            NotInTime: Something did not happen.
        """
        self._put_up()
        self._roll_out()
        busy = Busy()
        self._change_pace(self.scenario.factor)
        states = self._watch(operator)
        self._change_pace(1.0)
        self._wait_for_counts(operator)
        return self._seen(self._metrics(operator), states, busy.share)

    def _put_up(self) -> None:
        scenario, kubectl = self.scenario, self.cluster.kubectl
        self.progress(f"{len(scenario.members)} models are put up")
        self._apply(namespace(NAMESPACE), manifests.exporter(self.path, scenario))
        kubectl("wait", "--for=condition=Ready", "pod", EXPORTER, "-n", NAMESPACE, "--timeout=60s")
        where = ("get", "pod", EXPORTER, "-n", NAMESPACE, "-o", "jsonpath={.status.podIP}")
        address = kubectl(*where)
        ends = [one for m in scenario.members for one in manifests.services(m, address)]
        kubectl("create", "-f", "-", stdin=listed(ends))
        self._apply(*manifests.signals(), *manifests.policies())
        self._apply(*(manifests.model(m, STABLE) for m in scenario.members))
        self._wait(lambda one: one.get("phase") == "Probation", "first versions serve")
        for member in scenario.members:
            body = json.dumps(manifests.baseline(member, datetime.fromtimestamp(0, UTC)))
            record = ("aimodelversion", child_name(member.name, STABLE), "-n", NAMESPACE)
            kubectl("patch", *record, "--subresource=status", "--type=merge", "-p", body)

    def _roll_out(self) -> None:
        self.progress("their next versions get their shares")
        self._apply(*(manifests.model(m, CANARY) for m in self.scenario.members))
        self._wait(lambda one: one.get("phase") == "Paused", "canaries have their shares")

    def _watch(self, operator: Operator) -> Sequence[State]:
        states: list[State] = []
        while True:
            time.sleep(_POLL_S)
            states.append(self._state(self._metrics(operator)))
            hour = states[-1].hour
            if len(states) % _TOLD_EVERY == 1:
                self.progress(_said(states[-1]))
            if hour * HOUR >= self.scenario.seconds + TAIL_S:
                return states
            if len(states) > 1:
                self._change_pace(
                    bearable(self.pace.marks[-1].factor, states[-2], states[-1], self.scenario)
                )

    def _change_pace(self, factor: float) -> None:
        marks = self.pace.marks
        if not marks or marks[-1].factor != factor:
            self.pace = self.pace.changed(unix_seconds() + SOON_S, factor)
            write(self.pace, self.path)

    def _metrics(self, operator: Operator) -> Metrics:
        """What the operator shows; on a busy machine it may take a while, or have to begin anew."""
        found: list[Metrics] = []

        def answered() -> bool:
            with suppress(requests.RequestException):
                found.append(Metrics(operator.metrics()))
            return bool(found)

        wait_for(answered, "the operator shows its metrics", deadline_s=_UP_S)
        return found[0]

    def _state(self, metrics: Metrics) -> State:
        models, pid = self.reader.all("aimodeldeployments", NAMESPACE), self._pid()
        return State(
            hour=(self.pace.at(unix_seconds()) - self.pace.began) / HOUR,
            looks=metrics.sum("knowngood_tick_seconds_count"),
            look_seconds=metrics.sum("knowngood_tick_seconds_sum"),
            pass_seconds=metrics.sum("knowngood_pass_seconds_sum"),
            cpu_seconds=process.cpu_seconds(pid),
            memory_mb=process.memory_mb(pid),
            queries=metrics.sum("knowngood_signal_queries"),
            writes=metrics.sum("knowngood_api_requests", kind="write"),
            status_bytes=max((len(json.dumps(m.get("status"))) for m in models), default=0),
            blind=sum(
                int(metrics.sum("knowngood_verdict", kind=kind, namespace=NAMESPACE))
                for kind in ("NoData", "ObserverError")
            ),
        )

    def _pid(self) -> int:
        try:
            return process.find(MODULE, str(self.path))
        except LookupError:
            return 0

    def _wait_for_counts(self, operator: Operator) -> None:
        """Wait until all is counted; what does not agree in the end is found in the figures."""
        end = time.monotonic() + _COUNTED_S
        while time.monotonic() < end:
            found = counted(self._metrics(operator), self.scenario)
            if found and all(one.agrees for one in found.values()):
                return
            time.sleep(_POLL_S)

    def _seen(self, metrics: Metrics, states: Sequence[State], busy: float) -> Seen:
        began, everything = self.pace.began, self.reader
        incidents = everything.all("incidents", NAMESPACE)
        events = everything.all("events", NAMESPACE)
        back = taken_back(incidents, began)
        found = counted(metrics, self.scenario)
        return Seen(
            scenario=self.scenario,
            taken_back=back,
            serving=serving_alarms(events),
            mismatched=told(events, "ShareMismatch"),
            naive=naive(events),
            counted={name: one for name, one in found.items() if name not in back},
            states=states,
            processors_busy=busy,
        )

    def _wait(self, condition: Callable[[Mapping[str, object]], bool], what: str) -> None:
        names = {m.name for m in self.scenario.members}

        def lacking() -> set[str]:
            models = self.reader.all("aimodeldeployments", NAMESPACE)
            return names - {
                m["metadata"]["name"] for m in models if condition(m.get("status") or {})
            }

        wait_for(
            lambda: not lacking(), what, deadline_s=_UP_S, diagnose=lambda: f"not yet: {lacking()}"
        )

    def _apply(self, *objects: Json) -> None:
        self.cluster.kubectl("apply", "-f", "-", stdin=listed(objects))


def bearable(factor: float, before: State, now: State, scenario: Scenario) -> float:
    """How many times faster time may pass, so that the operator looks often enough.

    Args:
        factor: How it passes now.
        before: The operator some time ago.
        now: The operator now.
        scenario: What is asked for.
    """
    passed = (now.hour - before.hour) * HOUR
    looked = (now.looks - before.looks) * LOOK_S
    wanted = factor * looked / passed if passed > 0 else factor
    return max(_SLOWEST, min(scenario.factor, wanted, factor * _RISE))


def _said(state: State) -> str:
    look = 1000 * state.look_seconds / max(1.0, state.looks)
    return (
        f"hour {state.hour:4.1f}: {state.looks:.0f} looks of {look:.0f} ms, {state.memory_mb:.0f} MB, longest status "
        f"{state.status_bytes} bytes, {state.blind} triggers blind"
    )

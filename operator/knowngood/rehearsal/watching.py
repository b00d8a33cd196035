"""Watch what a rehearsed operator finds, tells and would do."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    DeploymentStatus,
    ServingBreach,
    VerdictKind,
)
from knowngood.control.ports import Key
from knowngood.decisions.phases import GOING_BACK
from knowngood.decisions.trigger_views import TriggerView
from knowngood.rehearsal.process import Process
from knowngood.rehearsal.told import Act, Asked, Entry, Matter, Trigger

MOST: Final = 200
"""Entries that are kept; a signal that comes and goes would fill a book."""

_WELL: Final = frozenset({VerdictKind.HEALTHY, VerdictKind.INCONCLUSIVE})
"""Between these two a verdict may change with every look, and nothing is found by either."""


class Watching:
    """Looks at a process from the outside.

    Attributes:
        entries: What was seen so far, in order.
        acts: What would have been done or held.
        omitted: How many entries were too many.
    """

    def __init__(self, process: Process, asked: Asked) -> None:
        self._process = process
        self._key = Key(asked.namespace, asked.model)
        self._begins = asked.begins
        self._rollout = asked.rollout
        self._said: dict[tuple[str, str, str], VerdictKind] = {}
        self._last: list[TriggerView] = []
        self._told = 0
        self.entries: list[Entry] = []
        self.acts: list[Act] = []
        self.omitted = 0

    @property
    def moved(self) -> bool:
        """Whether requests would have gone to another version: what was recorded says no more of what follows."""
        return any(act.moves for act in self.acts)

    def look(self, now: datetime) -> None:
        """See what has changed."""
        at = max(now, self._begins)
        views = [view for view in self._views() if not view.unjudged]
        for view in views:
            self._find(view, at)
        self._last = views or self._last
        notices = list(self._process.ground.events.told.values())
        for notice in notices[self._told :]:
            if now >= self._begins:
                self._add(Entry(at, Matter.TOLD, f"{notice.reason}: {notice.message}"))
        self._told = len(notices)
        model = self._model()
        if model is not None and model.status is not None:
            self._act(model.status, at)

    def triggers(self) -> tuple[Trigger, ...]:
        """What each trigger that judges the version said last."""
        return tuple(
            Trigger(
                f"{v.policy_kind} {v.policy}", v.trigger, v.acts, v.verdict.kind, v.verdict.message
            )
            for v in self._last
        )

    def incident(self) -> Mapping[str, Any] | None:
        """The incident as it reads now; None where none is open."""
        return next(iter(self._process.ground.server.list("Incident")), None)

    def _model(self) -> AIModelDeployment | None:
        found: AIModelDeployment | None = self._process.store.get(
            "AIModelDeployment", self._key.namespace, self._key.name
        )
        return found

    def _views(self) -> Iterator[TriggerView]:
        model = self._model()
        if model is None:
            return
        yield from self._process.judge.triggers(model)
        seen = None if self._rollout else self._process.judge.serving(model)
        yield from seen.triggers if seen else ()

    def _find(self, view: TriggerView, at: datetime) -> None:
        kind, before = view.verdict.kind, self._said.get(view.which)
        self._said[view.which] = kind
        if kind is before or (before is not None and {kind, before} <= _WELL):
            return
        evidence = view.verdict.evidence
        sure = f" ({evidence.guarantee})" if evidence and kind is VerdictKind.BREACHED else ""
        mode = "" if view.acts else ", which only observes"
        text = f"trigger {view.trigger} of {view.policy_kind} {view.policy}{mode}: {kind}: {view.verdict.message}{sure}"
        said = datetime.fromtimestamp(view.verdict.at, UTC)
        self._add(Entry(max(min(said, at), self._begins), Matter.FOUND, text, kind))

    def _act(self, status: DeploymentStatus, at: datetime) -> None:
        breach = next(iter(status.serving_breaches), None)
        failure = status.rollout.failure if status.rollout else None
        if failure is not None and self._rollout and not self.moved:
            text = f"version {self._rollout} is taken back: {failure.reason}: {failure.message}"
            at = max(failure.detected_at, self._begins)
            self._do(Act(at, moves=True, text=text, onset=failure.onset), Matter.DONE)
        elif status.phase in GOING_BACK and not self.moved:
            to = status.versions.shadow if status.versions else ""
            text = f"all requests begin to be shifted to version {to}"
            self._do(Act(at, moves=True, text=text, onset=_onset(breach)), Matter.DONE)
        elif breach is not None and breach.held and not self.acts:
            at = max(breach.found_at, self._begins)
            text = (
                f"incident {breach.incident or ''} is opened, and nothing is shifted: {breach.held}"
            )
            self._do(Act(at, moves=False, text=text, onset=_onset(breach)), Matter.HELD)

    def _do(self, act: Act, matter: Matter) -> None:
        self.acts.append(act)
        self.entries.append(Entry(act.at, matter, act.text))

    def _add(self, entry: Entry) -> None:
        if len(self.entries) < MOST:
            self.entries.append(entry)
        else:
            self.omitted += 1


def _onset(breach: ServingBreach | None) -> datetime | None:
    return breach.onset.astimezone(UTC) if breach and breach.onset else None

"""A model with a safe path, whose version that serves turns bad."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from knowngood.api.v1alpha1 import DeploymentStatus
from knowngood.api.v1alpha1.safe_path import SAFE_PATH
from knowngood.decisions.plan import Plan
from knowngood.decisions.sharing import Harmed, Shared
from knowngood.decisions.trigger_views import TriggerView
from tests.decisions.consent import Asked
from tests.decisions.containment import play, seen
from tests.decisions.states import NOW

WHICH = ("IncidentPolicy", "lending", "errors")
OTHERS = tuple(Harmed(NOW, f"lending/model-{n}", f"model-{n}-1") for n in range(2))


def safely(**fallback: Any) -> dict[str, Any]:
    """Fields of the spec of a model with a safe path."""
    return {"fallback": {"safePath": {"service": {"name": "review"}}, **fallback}}


class Laddered(Asked):
    """A story of a breach that walks the ladder; the incident is told after each look, as a pass does it."""

    def __init__(
        self,
        *triggers: TriggerView,
        spec: Mapping[str, Any] | None = None,
        ready: Mapping[str, int] | None = None,
        many: bool = False,
        **seen_of_both: Any,
    ) -> None:
        self.play = play(**(safely() if spec is None else spec))
        self.incident = None
        there = {**self.play.s.ready, SAFE_PATH: 1, **(ready or {})}
        shared = {WHICH: (Shared("policy lending", 3, OTHERS),)} if many else {}
        self.play.s = replace(self.play.s, ready=there, shared=shared)
        self.look(serving=seen(*triggers, **seen_of_both))

    def after(self, seconds: float, *triggers: TriggerView, **seen_of_both: Any) -> Plan:
        at = self.play.s.now.timestamp() + seconds
        fresh = [replace(t, verdict=replace(t.verdict, at=at)) for t in triggers]
        both = {
            name: tuple(replace(t, verdict=replace(t.verdict, at=at)) for t in views)
            for name, views in seen_of_both.items()
        }
        return self.look(later=timedelta(seconds=seconds), serving=seen(*fresh, **both))

    def command(self, words: str) -> None:
        """Let a person give a command."""
        self.play.give(words)
        self.tell()

    @property
    def written(self) -> DeploymentStatus:
        """The model's status, as it was written last."""
        assert self.play.s.model.status is not None
        return self.play.s.model.status

    @property
    def answering(self) -> dict[str, int]:
        """Who gets which share, as it was decided last."""
        assert self.play.plan is not None
        return {name: weight for name, weight in self.play.plan.shares.items() if weight}

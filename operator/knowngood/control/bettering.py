"""Whether the version that stands by does better than the one that serves, since that one is found to be bad.

That no harm of a standby was found is no proof: it answers copies of a part of the requests, so what breaks both is
found later about it. What is asked instead is the breached trigger's own question, of both at once: whether the version
that serves is worse on the same requests, counted from the beginning of the harm. What has broken both is no difference
then. Where nothing is breached nothing is counted.
"""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    ComparedTo,
    ProportionTest,
    ServingBreach,
)
from knowngood.control.arms import Arms, beside
from knowngood.control.copied import Copied, Pair, epoch
from knowngood.control.policies import Bound, serving_action_of
from knowngood.control.ports import Key
from knowngood.decisions.breaches import which
from knowngood.decisions.trigger_views import ActionKind

PROVED: Final = 30 * 24 * 60.0
"""Judged minutes in which the proof comes by chance once: over an hour of harm, with a probability of .14 % at most."""


class Bettering(Copied):
    """Keeps the evidence about all versions that are breached, beside those that stand by."""

    def _bounds(self, key: Key) -> list[Bound]:
        model: AIModelDeployment | None = self._store.get(
            "AIModelDeployment", key.namespace, key.name
        )
        asked = {which(b) for b in _open(model)} if model else set()
        found = (beside_of(b) for b in self._guard.bound(key) if _which(b) in asked)
        return [b for b in found if b is not None]

    def _arms(self, model: AIModelDeployment, pair: Pair, since: float) -> Arms:
        return beside(model, *pair, self._endpoints, since)

    def _since(self, model: AIModelDeployment, pair: Pair, at: float) -> float:
        return _began(model) or super()._since(model, pair, at)

    def _epoch(self, model: AIModelDeployment, pair: Pair) -> tuple[object, ...]:
        return *epoch(model, pair), _began(model)


def _which(bound: Bound) -> tuple[str, str, str]:
    kind, _, policy, trigger = bound.identity
    return kind, policy, trigger


def _open(model: AIModelDeployment) -> tuple[ServingBreach, ...]:
    breaches = model.status.serving_breaches if model.status else ()
    return tuple(b for b in breaches if not b.closed and b.failed_at is None)


def _began(model: AIModelDeployment) -> float:
    """When the harm began that was found first, unix seconds; 0 where nothing is found."""
    return min(((b.onset or b.found_at).timestamp() for b in _open(model)), default=0.0)


def beside_of(bound: Bound) -> Bound | None:
    """The trigger's question, of both versions at once; None where it is to move nothing, or says not what is bad."""
    if serving_action_of(bound.policy.spec, bound.trigger) is not ActionKind.SHIFT:
        return None
    if bound.bad_change is None:
        return None
    asked = ProportionTest(compared_to=ComparedTo.SHADOW, direction=bound.bad_change)
    test = bound.trigger.test.model_copy(update={"proportion": asked, "threshold": None})
    trigger = bound.trigger.model_copy(update={"test": test})
    return replace(bound, trigger=trigger, once_in=PROVED, design_effect=bound.design_effect or 1.0)

"""What models share (a policy, a source, a feed), which of them are breached, and how often one may be shifted."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, PolicyMode, ServingBreach
from knowngood.control.guard import POLICY_KINDS, Guard
from knowngood.control.policies import Bound
from knowngood.control.ports import Key
from knowngood.control.store import Store
from knowngood.decisions.breaches import Which, which
from knowngood.decisions.limiting import ShiftLimits, strictest
from knowngood.decisions.sharing import LEAST, Harmed, Shared, near

Group = tuple[str, ...]
"""What is shared: `policy` with kind, namespace and name; `source`, name; or `feed`, namespace, kind and name."""

_POLICY: Final = "policy"
_SOURCE: Final = "source"
_FEED: Final = "feed"


class Sharing:
    """Finds models that turned bad together."""

    def __init__(self, store: Store, guard: Guard) -> None:
        self._store = store
        self._guard = guard
        self._counted: tuple[object, dict[Group, int]] = (None, {})

    def of(self, model: AIModelDeployment) -> Mapping[Which, tuple[Shared, ...]]:
        """What a model shares with others that are breached, by the trigger that it is breached for itself."""
        if all(b.common_cause for b in _open(model)):
            return {}  # what was noted stays, and to look through all models takes long
        harmed = self._harmed()
        found: dict[Which, tuple[Shared, ...]] = {}
        for breach, groups in self._groups(model):
            many = [g for g in groups if len(near(harmed[g], breach.found_at)) >= LEAST - 1]
            found[which(breach)] = tuple(
                Shared(_words(g), self._watched(g), tuple(sorted(harmed[g]))) for g in many
            )
        return found

    def limits(self, model: AIModelDeployment) -> ShiftLimits:
        """How often the requests of what serves may be shifted by itself: the strictest of all policies that act."""
        specs = {b.identity[:3]: b.policy.spec for b in self._guard.bound(_key(model))}
        return strictest(s.limits for s in specs.values() if s.limits and s.mode is PolicyMode.ACT)

    def _harmed(self) -> Mapping[Group, set[Harmed]]:
        """Models that are breached, by what they share."""
        found: dict[Group, set[Harmed]] = defaultdict(set)
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        for model in models:
            for breach, groups in self._groups(model) if _open(model) else ():
                name = f"{model.metadata.namespace}/{model.metadata.name}"
                harm = Harmed(breach.found_at, name, breach.incident or "")
                for group in groups:
                    found[group].add(harm)
        return found

    def _groups(self, model: AIModelDeployment) -> Iterator[tuple[ServingBreach, list[Group]]]:
        """The breaches of a model, and what each may have in common with those of others."""
        bounds = self._guard.bound(_key(model))
        for breach in _open(model):
            bound = next((b for b in bounds if _which(b) == which(breach)), None)
            if bound is not None:
                yield breach, [_policy(bound), *self._sources([bound]), *_feeds(model)]

    def _watched(self, group: Group) -> int:
        """How many models share something; counted anew when policies, templates, or the number of models change."""
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        if group[0] == _FEED:  # a model's own word, which changes when it is edited
            return sum(group in _feeds(model) for model in models)
        kinds = (*POLICY_KINDS, "ClusterSignalTemplate")
        state = len(models), *map(self._store.revision, kinds)
        if self._counted[0] != state:
            self._counted = state, {}
        counts = self._counted[1]
        if group not in counts:
            counts[group] = self._count(group, models)
        return counts[group]

    def _count(self, group: Group, models: list[AIModelDeployment]) -> int:
        bounds = (self._guard.bound(_key(model)) for model in models)
        if group[0] == _SOURCE:
            return sum(group in self._sources(bound) for bound in bounds)
        return sum(any(_policy(b) == group for b in bound) for bound in bounds)

    def _sources(self, bounds: list[Bound] | tuple[Bound, ...]) -> set[Group]:
        templates = self._guard.templates(b.trigger.signal.name for b in bounds)
        return {(_SOURCE, template.spec.source) for template in templates}


def _open(model: AIModelDeployment) -> tuple[ServingBreach, ...]:
    breaches = model.status.serving_breaches if model.status else ()
    return tuple(b for b in breaches if not b.closed)


def _policy(bound: Bound) -> Group:
    return (_POLICY, *bound.identity[:3])


def _feeds(model: AIModelDeployment) -> list[Group]:
    objects = {(f.target.kind, f.target.name) for f in model.spec.feeds if f.target}
    return [(_FEED, model.metadata.namespace, *each) for each in sorted(objects)]


def _words(group: Group) -> str:
    if group[0] == _SOURCE:
        return f"source {group[-1]}"
    return " ".join(group[-2:]) if group[0] == _FEED else f"{group[1]} {group[-1]}"


def _which(bound: Bound) -> Which:
    kind, _, policy, trigger = bound.identity
    return kind, policy, trigger


def _key(model: AIModelDeployment) -> Key:
    return Key(model.metadata.namespace, model.metadata.name)

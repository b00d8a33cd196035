"""Whether the signals of a rollout can be read, asked before its canary gets the first request.

A policy that can not see would let users meet a version that nobody judges, and people would learn of it afterwards.
"""

from collections.abc import Iterable

from knowngood.api.v1alpha1 import AIModelDeployment, ClusterSignalTemplate
from knowngood.control.guard import Guard
from knowngood.control.ports import Key
from knowngood.control.reading import Source
from knowngood.control.rounds import Readings
from knowngood.control.specs import Unreadable, spec_of
from knowngood.control.store import Store
from knowngood.decisions.phases import ROLLING
from knowngood.signals.planning import Need, Spec


class Openings:
    """Reads what triggers that act need, once a round, for every rollout that has not begun to answer users."""

    def __init__(self, store: Store, guard: Guard) -> None:
        self._store = store
        self._guard = guard
        self._asked: dict[Key, tuple[Need, ...]] = {}
        self._found: dict[Key, str] = {}

    def needs(self) -> Iterable[Source]:
        """What is to be read in this round."""
        self._asked = {}
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        for model in filter(_opens, models):
            key = Key(model.metadata.namespace, model.metadata.name)
            sources = [
                Source(t.spec.source, Need(t.metadata.name, spec)) for t, spec in self._read(key)
            ]
            self._asked[key] = tuple(source.need for source in sources)
            yield from sources

    def take(self, readings: Readings) -> None:
        """Note what the round has found; what is still waited for leaves a model as it was."""
        found: dict[Key, str] = {}
        for key, needs in self._asked.items():
            errors = [readings[need].error for need in needs if need in readings]
            if len(errors) == len(needs) or any(errors):
                found[key] = next(filter(None, errors), "")
            elif key in self._found:
                found[key] = self._found[key]
        self._found = found

    def forget(self) -> None:
        """Drop what was found."""
        self._asked, self._found = {}, {}

    def unread(self, model: AIModelDeployment) -> str | None:
        """Say why a signal of a trigger that acts can not be read; empty when all can, None while nobody has asked."""
        return self._found.get(Key(model.metadata.namespace, model.metadata.name))

    def _read(self, key: Key) -> Iterable[tuple[ClusterSignalTemplate, Spec]]:
        names = (b.trigger.signal.name for b in self._guard.bound(key) if b.acts)
        for template in self._guard.templates(names):
            spec = spec_of(template.spec)
            if not isinstance(spec, Unreadable):
                yield template, spec


def _opens(model: AIModelDeployment) -> bool:
    """Whether a model is rolled out, and its canary has not had a request."""
    status = model.status
    if status is None or status.phase not in ROLLING or status.rollout is None:
        return False
    return status.rollout.evidence_since is None

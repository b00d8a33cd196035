"""Whether the signals of a rollout can be read, asked before its canary gets the first request.

A policy that can not see would let users meet a version that nobody judges, and people would learn of it afterwards.
"""

from collections.abc import Iterable, Mapping

from knowngood.api.v1alpha1 import AIModelDeployment, ClusterSignalTemplate
from knowngood.control.guard import Guard
from knowngood.control.ports import Key
from knowngood.control.reading import Answers, Slot, Source, slot_of
from knowngood.control.specs import Unreadable, spec_of
from knowngood.control.store import Store
from knowngood.decisions.phases import ROLLING
from knowngood.signals.planning import Need, Spec


class Openings:
    """Reads what triggers that act need, once a round, for every rollout that has not begun to answer users."""

    def __init__(self, store: Store, guard: Guard) -> None:
        self._store = store
        self._guard = guard
        self._asked: dict[Key, tuple[Slot, ...]] = {}
        self._found: dict[Key, str] = {}

    def needs(self, now: float) -> Iterable[Source]:
        """What is to be read in this round, at `now` (unix seconds)."""
        self._asked = {}
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        for model in filter(_opens, models):
            key = Key(model.metadata.namespace, model.metadata.name)
            sources = [
                Source(t.spec.source, Need(t.metadata.name, spec)) for t, spec in self._read(key)
            ]
            self._asked[key] = tuple(slot_of(source.need, now) for source in sources)
            yield from sources

    def take(self, answers: Mapping[Slot, Answers]) -> None:
        """Note what the round has found; nothing, where nothing was asked."""
        errors = {
            key: [answers[slot].error for slot in s]
            for key, s in self._asked.items()
            if answers or not s
        }
        self._found = {key: next(filter(None, found), "") for key, found in errors.items()}

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

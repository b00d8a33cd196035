"""What hangs on no pass over a model: policies, templates, incidents, and records that are old."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelVersion,
    ClusterSignalTemplate,
    Condition,
    ConditionType,
    PolicyStatus,
    Reason,
)
from knowngood.control.docket import Docket
from knowngood.control.guard import Guard
from knowngood.control.named_receivers import receivers_condition
from knowngood.control.policies import Policy, selects
from knowngood.control.ports import Namespaces
from knowngood.control.retaining import Retainer
from knowngood.control.soundings import Soundings, Tone
from knowngood.control.store import KINDS, Store
from knowngood.control.template_status import template_status
from knowngood.control.writing import Writer
from knowngood.decisions.history import to_forget
from knowngood.errors import ApiError
from knowngood.messages.escalating import Reach

NOBODY: Final[Mapping[str, Reach]] = MappingProxyType({})

_FINE: Final = "every signal is there and fits its trigger"
_FOR_NOBODY: Final = f"{_FINE}, but no model is selected (spec.selector); it waits for one"


class Reporter:
    """Writes the status of policies and templates, and has incidents followed, only when something changes."""

    def __init__(
        self,
        store: Store,
        guard: Guard,
        namespaces: Namespaces,
        writer: Writer,
        soundings: Soundings,
        *,
        docket: Docket,
        retainer: Retainer | None = None,
        reaches: Mapping[str, Reach] = NOBODY,
    ) -> None:
        """Connect.

        Args:
            store: Where the objects are.
            guard: Which policies there are, and what they lack.
            namespaces: For selectors of namespaces.
            writer: Takes the statuses.
            soundings: What came of asking each template.
            docket: Follows the incidents.
            retainer: Deletes incidents that nobody needs; None where all are kept.
            reaches: Receivers that policies may name.
        """
        self._reaches = reaches
        self._store = store
        self._guard = guard
        self._namespaces = namespaces
        self._writer = writer
        self._soundings = soundings
        self._docket = docket
        self._retainer = retainer
        self._seen: object = None

    async def report(self, now: datetime) -> None:
        """Look at all of them, unless nothing has changed since the last look.

        Raises:
            ApiError: A status could not be written; the others were, and the next look tries again.
        """
        try:
            await self._docket.look(now)
        finally:
            try:
                await self._report(now)
            finally:
                if self._retainer is not None:
                    await self._retainer.look(now)

    async def _report(self, now: datetime) -> None:
        templates = self._store.all("ClusterSignalTemplate")
        self._soundings.ask(templates, now)
        state = (
            self._soundings.revision,
            *(self._store.revision(kind) for kind in KINDS),
        )
        if state == self._seen:
            return
        failed: list[ApiError] = []
        for write in (
            *(partial(self._policy, policy, now) for policy in self._guard.policies()),
            *(partial(self._template, template, now) for template in templates),
            *(partial(self._writer.delete, record) for record in self._old_records()),
        ):
            try:
                await write()
            except ApiError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        self._seen = state

    def _old_records(self) -> Iterator[AIModelVersion]:
        records: dict[str, list[AIModelVersion]] = {}
        for record in self._store.all("AIModelVersion"):
            records.setdefault(record.spec.model_ref.uid, []).append(record)
        for model in self._store.all("AIModelDeployment"):
            mine = records.get(model.metadata.uid, [])
            # Most models have fewer, and the incidents need not be looked at for them.
            if len(mine) > model.spec.version_history_limit and not model.spec.suspend:
                incidents = self._store.all("Incident", model.metadata.namespace)
                yield from to_forget(model, mine, incidents)

    async def _policy(self, policy: Policy, now: datetime) -> None:
        words = self._guard.unresolved(policy) or self._unsound(policy)
        before = policy.status or PolicyStatus()
        generation = policy.metadata.generation
        context = (before.conditions, generation, now)
        found = _condition(ConditionType.SIGNALS_RESOLVED, words, context)
        selected = self._selected(policy)
        ready = _condition(ConditionType.READY, words, context, _FINE if selected else _FOR_NOBODY)
        status = PolicyStatus(
            observed_generation=generation,
            selected_models=selected,
            conditions=(ready, found, *receivers_condition(policy, self._reaches, now)),
        )
        await self._writer.status(policy, status)

    async def _template(self, template: ClusterSignalTemplate, now: datetime) -> None:
        status = template_status(template, self._soundings.of(template), now)
        if status is not None:
            await self._writer.status(template, status)

    def _unsound(self, policy: Policy) -> str | None:
        """Say which signal of a policy nobody can ask for; None while nothing is known against any."""
        for template in self._guard.templates(t.signal.name for t in policy.spec.triggers):
            sounding = self._soundings.of(template)
            if sounding is not None and sounding.tone in {Tone.REFUSED, Tone.SOURCE_UNKNOWN}:
                return f"ClusterSignalTemplate {template.metadata.name}: {sounding.words}"
        return None

    def _selected(self, policy: Policy) -> int:
        models = self._store.all("AIModelDeployment", policy.metadata.namespace or None)
        return sum(
            selects(policy, m, self._namespaces.labels(m.metadata.namespace)) for m in models
        )


def _condition(
    kind: ConditionType,
    words: str | None,
    context: tuple[tuple[Condition, ...], int, datetime],
    fine: str = _FINE,
) -> Condition:
    before, generation, now = context
    status = "False" if words else "True"
    known = next((c for c in before if c.type == kind), None)
    return Condition(
        type=kind,
        status=status,
        reason=Reason.SIGNAL_NOT_FOUND if words else Reason.SIGNALS_FOUND,
        message=words or fine,
        observed_generation=generation,
        last_transition_time=known.last_transition_time
        if known and known.status == status
        else now,
    )

"""Who watches a model: the triggers of all policies that select it, bound once and kept until something changes."""

from collections.abc import Iterable

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    BudgetShares,
    ClusterSignalTemplate,
    IdentityBy,
    JudgedRole,
    Reason,
    Watch,
)
from knowngood.control.budgets import bind
from knowngood.control.policies import Bound, Policy, policies_for, unresolved
from knowngood.control.ports import Key, Namespaces
from knowngood.control.specs import Unreadable, spec_of
from knowngood.control.store import Store
from knowngood.decisions.naming import child_name
from knowngood.decisions.situation import SpecProblem
from knowngood.decisions.spending import NOTHING_SPENT, Spendings
from knowngood.signals.planning import Spec

POLICY_KINDS = ("IncidentPolicy", "ClusterIncidentPolicy")


class Guard:
    """Binds triggers to models."""

    def __init__(self, store: Store, namespaces: Namespaces) -> None:
        self._store = store
        self._namespaces = namespaces
        self._bound: dict[Key, tuple[object, tuple[Bound, ...], Spendings]] = {}

    def policies(self) -> list[Policy]:
        """Every policy of both kinds."""
        return [policy for kind in POLICY_KINDS for policy in self._store.all(kind)]

    def bound(self, key: Key) -> tuple[Bound, ...]:
        """Triggers that watch a model, in the order of their policies."""
        return self._all(key)[0]

    def spending(self, key: Key) -> Spendings:
        """Which of them share a budget of false alarms."""
        return self._all(key)[1]

    def _all(self, key: Key) -> tuple[tuple[Bound, ...], Spendings]:
        model: AIModelDeployment | None = self._store.get(
            "AIModelDeployment", key.namespace, key.name
        )
        if model is None:
            self._bound.pop(key, None)
            return (), NOTHING_SPENT
        labels = self._namespaces.labels(key.namespace)
        # Evidence goes on beside a version that is held back, and so does what it was promised.
        fixed = (model.status.holdback or model.status.rollout) if model.status else None
        shares = fixed.shares if fixed else (), self._written_while_serving(model)
        effects = fixed.design_effects if fixed else ()
        state = (
            *(self._store.revision(kind) for kind in (*POLICY_KINDS, "ClusterSignalTemplate")),
            tuple(sorted(model.metadata.labels.items())),
            tuple(sorted(labels.items())),
            shares,
            effects,
        )
        known = self._bound.get(key)
        if known is None or known[0] != state:
            policies = policies_for(model, self.policies(), labels)
            bound, spending = bind(policies, *shares, effects, reads=self._reads(policies))
            known = self._bound[key] = (state, tuple(bound), spending)
        return known[1:]

    def _reads(self, policies: Iterable[Policy]) -> dict[str, str]:
        """What the templates of some policies say, without what changes no count."""
        names = (t.signal.name for policy in policies for t in policy.spec.triggers)
        found = self.templates(names)
        return {t.metadata.name: t.spec.model_dump_json(exclude={"delayed"}) for t in found}

    def _written_while_serving(self, model: AIModelDeployment) -> tuple[BudgetShares, ...]:
        meta, versions = model.metadata, model.status.versions if model.status else None
        name = child_name(meta.name, versions.stable) if versions and versions.stable else ""
        record: AIModelVersion | None = (
            self._store.get("AIModelVersion", meta.namespace, name) if name else None
        )
        mine = record is not None and record.spec.model_ref.uid == meta.uid
        return record.status.shares if mine and record and record.status else ()

    def for_canaries(self, key: Key) -> tuple[Bound, ...]:
        """Those of them that judge a version that is rolled out; none whose signal is known long after the decision."""
        return tuple(
            b
            for b in self.bound(key)
            if JudgedRole.CANARY in b.trigger.roles and not self._is_delayed(b.trigger.signal.name)
        )

    def watch(self, key: Key) -> dict[str, Watch | None]:
        """What each trigger that acts does for a rollout of a model; only a signal that counts can hold a promotion.

        None where the signal's template is not there, so that nobody can tell.
        """
        acting = [b for b in self.for_canaries(key) if b.acts]
        found = {t.metadata.name: t for t in self.templates(b.trigger.signal.name for b in acting)}
        return {"/".join(b.identity): _does(b, found.get(b.trigger.signal.name)) for b in acting}

    def problem(self, model: AIModelDeployment) -> SpecProblem | None:
        """Why nobody watches a model; None when a policy does."""
        bound = self.bound(Key(model.metadata.namespace, model.metadata.name))
        if not bound:
            text = "no IncidentPolicy or ClusterIncidentPolicy selects this model: nothing takes a bad version back"
            return SpecProblem(Reason.NO_POLICY, text)
        if not any(b.acts for b in bound):
            text = "the policies that select this model are in mode Observe: they tell, and take no bad version back"
            return SpecProblem(Reason.OBSERVE_ONLY, text)
        if not any(b.takes_back for b in bound):
            text = "every trigger that acts is used as a Gate: they hold a promotion, and take no bad version back"
            return SpecProblem(Reason.OBSERVE_ONLY, text)
        for policy in {b.identity[:3]: b.policy for b in bound}.values():
            words = self.unresolved(policy)
            if words is not None:
                return SpecProblem(
                    Reason.NO_SIGNALS, f"{policy.kind} {policy.metadata.name}: {words}"
                )
        return None

    def unresolved(self, policy: Policy) -> str | None:
        """Say which trigger of a policy has no signal that serves it; None when all have."""
        templates = self.templates(t.signal.name for t in policy.spec.triggers)
        words = unresolved(policy, {t.metadata.name: t for t in templates})
        if words is not None:
            return words
        for template in templates:
            spec = spec_of(template.spec)
            if isinstance(spec, Unreadable):
                return f"ClusterSignalTemplate {template.metadata.name}: {spec.message}"
        return None

    def templates(self, names: Iterable[str]) -> list[ClusterSignalTemplate]:
        """Templates by name, those that exist."""
        found = (self._store.get("ClusterSignalTemplate", "", name) for name in sorted(set(names)))
        return [template for template in found if template is not None]

    def readable(self, names: Iterable[str]) -> dict[str, tuple[ClusterSignalTemplate, Spec]]:
        """Templates that can be read, with what they ask for, by name."""
        found = ((t, spec_of(t.spec)) for t in self.templates(names))
        return {t.metadata.name: (t, s) for t, s in found if not isinstance(s, Unreadable)}

    def identity(self, name: str) -> IdentityBy:
        """How the series of a signal tell their version."""
        found = self.templates([name])
        return found[0].spec.identity.by if found else IdentityBy.POD

    def _is_delayed(self, name: str) -> bool:
        template: ClusterSignalTemplate | None = self._store.get("ClusterSignalTemplate", "", name)
        return template is not None and template.spec.delayed


def _does(bound: Bound, template: ClusterSignalTemplate | None) -> Watch | None:
    if template is None:
        return None
    if not bound.critical or template.spec.value is not None:
        return Watch.BREACHES
    if bound.takes_back:
        return Watch.PROOF if bound.asks else Watch.PROMOTION
    return Watch.GATE_PROOF if bound.asks else Watch.GATE

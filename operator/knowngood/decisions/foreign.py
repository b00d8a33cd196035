"""Rules of somebody else's route: Knowngood changes who gets which share in them, and nothing else.

Backends are handled as the API server sent them: what another controller has put into one stays there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from knowngood.api.v1alpha1 import OriginalRule, Reason, RouteRef
from knowngood.decisions.situation import RouteView, SpecProblem

Ref = Mapping[str, Any]
"""One of a rule's `backendRefs`."""

WHERE: Final = "spec.traffic.routeRef"


@dataclass(frozen=True, slots=True)
class ForeignRule:
    """A rule of a route.

    Attributes:
        namespace: Of the route.
        index: Its place in the route, counted from 0.
        name: Empty when it has none.
    """

    namespace: str
    index: int
    name: str
    refs: tuple[Ref, ...]

    def service(self, backend: Ref) -> str | None:
        """Name of the Service that a backend is; None when it is something else, or in another namespace."""
        elsewhere = backend.get("namespace") not in {None, "", self.namespace}
        other = (backend.get("group") or "", backend.get("kind") or "Service") != ("", "Service")
        return None if elsewhere or other else str(backend["name"])


@dataclass(frozen=True, slots=True)
class Share:
    """What one of our Services should get, in percent."""

    service: str
    port: int
    weight: int


def choose(rules: Sequence[ForeignRule], ref: RouteRef) -> tuple[ForeignRule, ...] | SpecProblem:
    """Find the rules that a model's requests go through, or say why that is not plain."""
    if not ref.rule_names:
        if len(rules) == 1:
            return tuple(rules)
        text = f"{WHERE}.ruleNames: HTTPRoute {ref.name} has {len(rules)} rules: name those that lead to the model"
        return SpecProblem(Reason.RULE_AMBIGUOUS, text)
    for name in ref.rule_names:
        found = sum(rule.name == name for rule in rules)
        if found != 1:
            text = f"{WHERE}.ruleNames: HTTPRoute {ref.name} has {found or 'no'} rules named {name}"
            return SpecProblem(Reason.RULE_AMBIGUOUS, text)
    return tuple(rule for rule in rules if rule.name in ref.rule_names)


def stranger(
    rules: Sequence[ForeignRule], ref: RouteRef, ours: Collection[str]
) -> SpecProblem | None:
    """Find a backend that is neither ours nor the adopted one: shares beside it would not be what they seem."""
    known = {*ours, ref.adopt}
    for rule in rules:
        for backend in rule.refs:
            name = rule.service(backend)
            if name is None or name not in known:
                text = (
                    f"{WHERE}.adopt: rule {rule.name or rule.index} of HTTPRoute {ref.name} leads to "
                    f"{backend.get('kind') or 'Service'} {backend['name']}, which is of no version: take it out of "
                    "the rule, or adopt it when the model is created"
                )
                return SpecProblem(Reason.FOREIGN_BACKEND, text)
    return None


def weight_of(backend: Ref) -> int:
    """Weight of a backend; the Gateway API's default is 1."""
    weight = backend.get("weight")
    return 1 if weight is None else int(weight)


def spliced(
    rule: ForeignRule,
    shares: Sequence[Share],
    ours: Collection[str],
    adopt: str | None,
    *,
    keep_adopted: bool,
) -> list[Ref]:
    """Write our shares into a rule's backends.

    Args:
        rule: As it is now.
        shares: Of the versions that should be in it.
        ours: Names of all Services of versions; those without a share are taken out.
        adopt: The Service that answered before.
        keep_adopted: Leave the adopted one in with weight 0, for the requests that it still answers.

    Returns:
        The backends in their order, ours that are new at the end. While no version gets anything, the adopted one keeps
        its weight.
    """
    serving = any(share.weight > 0 for share in shares)
    wanted = {share.service: share for share in shares}
    refs: list[Ref] = []
    for backend in rule.refs:
        name = rule.service(backend)
        if name in wanted:
            refs.append(_weighted(backend, wanted.pop(name).weight))
        elif name is not None and name == adopt and name not in ours and serving:
            refs += [_weighted(backend, 0)] if keep_adopted else []
        elif name is None or name not in ours:
            refs.append(backend)
    refs += [{"name": s.service, "port": s.port, "weight": s.weight} for s in wanted.values()]
    # With no weight at all the gateway answers errors.
    return refs if any(weight_of(backend) > 0 for backend in refs) else list(rule.refs)


def restored(
    rule: ForeignRule, original: Sequence[OriginalRule], ours: Collection[str]
) -> list[Ref]:
    """Give a rule's requests back to whom they went before; the rule stays as it is where that is not known."""
    before = next((o for o in original if o.rule == rule.name), None)
    given = [b for b in before.backend_refs if b["name"] not in ours] if before else []
    if not given:
        return list(rule.refs)
    names = {backend["name"] for backend in given}
    others = (b for b in rule.refs if rule.service(b) not in {*ours, *names})
    return [*given, *others]


def route_view(
    rules: Sequence[ForeignRule] | None,
    ref: RouteRef,
    services: Mapping[str, str],
    refusals: Sequence[str] = (),
    claimant: str = "",
) -> RouteView:
    """Say what somebody else's route means for a model.

    Args:
        rules: All rules of the route; None when there is no such route.
        ref: Which route, and which of its rules.
        services: Service by version, of every version that is known.
        refusals: What the gateways say against the route as it is now.
        claimant: Who says that the route is theirs.
    """
    if rules is None:
        text = f"{WHERE}.name: there is no HTTPRoute {ref.name} in the namespace of the model"
        problem = SpecProblem(Reason.ROUTE_NOT_FOUND, text)
        return RouteView({}, programmed=False, message=text, problem=problem)
    chosen = choose(rules, ref)
    if isinstance(chosen, SpecProblem):
        text = chosen.message
        return RouteView({}, programmed=False, message=text, problem=chosen, claimant=claimant)
    versions = {service: version for version, service in services.items()}
    named = {rule.service(backend) for rule in chosen for backend in rule.refs}
    return RouteView(
        shares_seen(chosen, versions, ref.adopt),
        programmed=not refusals,
        message="; ".join(dict.fromkeys(refusals)),
        problem=stranger(chosen, ref, versions),
        adopted=ref.adopt is not None and ref.adopt not in versions and ref.adopt in named,
        original=originals(chosen),
        claimant=claimant,
    )


def originals(rules: Sequence[ForeignRule]) -> tuple[OriginalRule, ...]:
    """Keep where rules lead now."""
    return tuple(OriginalRule(rule=rule.name, backend_refs=rule.refs) for rule in rules)


def shares_seen(
    rules: Sequence[ForeignRule], versions: Mapping[str, str], adopt: str | None
) -> Mapping[str, int]:
    """Weights by version, and by name that of the adopted Service while it has one; empty when rules disagree.

    Args:
        rules: Those that lead to the model.
        versions: Version by Service.
        adopt: The Service that answered before.
    """
    found = [_seen(rule, versions, adopt) for rule in rules]
    return found[0] if found and all(f == found[0] for f in found) else {}


def _seen(rule: ForeignRule, versions: Mapping[str, str], adopt: str | None) -> dict[str, int]:
    seen: dict[str, int] = {}
    for backend in rule.refs:
        name, weight = rule.service(backend) or "", weight_of(backend)
        if name in versions:
            seen[versions[name]] = weight
        elif name == adopt and weight > 0:
            seen[name] = weight
    return seen


def _weighted(backend: Ref, weight: int) -> Ref:
    return backend if backend.get("weight") == weight else {**backend, "weight": weight}

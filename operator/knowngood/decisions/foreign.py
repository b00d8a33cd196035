"""Rules of somebody else's route: Knowngood changes who gets which share in them, and nothing else.

Backends are handled as the API server sent them: what another controller has put into one stays there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from knowngood.api.v1alpha1 import AIModelDeployment, OriginalRule, Reason, RouteRef
from knowngood.decisions.gateways import Parent
from knowngood.decisions.situation import RouteView, SpecProblem
from knowngood.decisions.splits import is_same_split

Ref = Mapping[str, Any]
"""One of a rule's `backendRefs`."""

WHERE: Final = "spec.traffic.routeRef"
MIRROR: Final = "RequestMirror"


@dataclass(frozen=True, slots=True)
class ForeignRule:
    """A rule of a route.

    Attributes:
        namespace: Of the route.
        index: Its place in the route, counted from 0.
        name: Empty when it has none.
        refs: Its backends.
        filters: Its filters.
        sticky: Clients stay with a backend.
    """

    namespace: str
    index: int
    name: str
    refs: tuple[Ref, ...]
    filters: tuple[Ref, ...] = ()
    sticky: bool = False

    def mirrored(self, found: Ref) -> str | None:
        """Whom a filter sends copies to: a Service, or something else that is told as empty; None for other filters."""
        if found.get("type") != MIRROR:
            return None
        return (
            self.service((found.get("requestMirror") or {}).get("backendRef") or {"name": ""}) or ""
        )

    def service(self, backend: Ref) -> str | None:
        """Name of the Service that a backend is; None when it is something else, or in another namespace."""
        elsewhere = backend.get("namespace") not in {None, "", self.namespace}
        other = (backend.get("group") or "", backend.get("kind") or "Service") != ("", "Service")
        return None if elsewhere or other else str(backend["name"])


def ref_of(model: AIModelDeployment) -> RouteRef:
    """The route that a model refers to.

    Raises:
        ValueError: It refers to none.
    """
    if model.spec.route_ref is None:
        raise ValueError(f"model {model.metadata.name} refers to no route")
    return model.spec.route_ref


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


def leading(
    rules: Sequence[ForeignRule], ref: RouteRef, ours: Collection[str]
) -> tuple[tuple[ForeignRule, ...], SpecProblem | None]:
    """Find the rules that are changed: those that are named, and any that leads to a version.

    A rule that its owner renames, or another one that they add, must not keep a canary where it is.
    """
    chosen = choose(rules, ref)
    problem = chosen if isinstance(chosen, SpecProblem) else None
    named = {} if isinstance(chosen, SpecProblem) else {rule.index for rule in chosen}
    return tuple(r for r in rules if r.index in named or _leads_to(r, ours)), problem


def _leads_to(rule: ForeignRule, ours: Collection[str]) -> bool:
    reached = {rule.service(b) for b in rule.refs} | {rule.mirrored(f) for f in rule.filters}
    return not reached.isdisjoint(ours)


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


def route_view(
    rules: Sequence[ForeignRule] | None,
    ref: RouteRef,
    services: Mapping[str, str],
    refusals: Sequence[str] = (),
    claimant: str = "",
    *,
    parents: tuple[Parent, ...] = (),
) -> RouteView:
    """Say what somebody else's route means for a model.

    Args:
        rules: All rules of the route; None when there is no such route.
        ref: Which route, and which of its rules.
        services: Service by version, of every version that is known.
        refusals: What the gateways say against the route as it is now.
        claimant: Who says that the route is theirs.
        parents: Gateways that it attaches to.
    """
    if rules is None:
        text = f"{WHERE}.name: there is no HTTPRoute {ref.name} in the namespace of the model"
        absent = SpecProblem(Reason.ROUTE_NOT_FOUND, text)
        return RouteView({}, programmed=False, message=text, problem=absent)
    versions = {service: version for version, service in services.items()}
    chosen, problem = leading(rules, ref, versions)
    named = {rule.service(backend) for rule in chosen for backend in rule.refs}
    weights, uneven = shares_seen([_seen(rule, versions, ref.adopt) for rule in chosen])
    return RouteView(
        weights,
        uneven=uneven,
        programmed=not refusals,
        message="; ".join(dict.fromkeys(refusals)),
        problem=problem or stranger(chosen, ref, versions),
        adopted=ref.adopt is not None and ref.adopt not in versions and ref.adopt in named,
        original=originals(chosen, versions),
        claimant=claimant,
        copies=copies_seen(chosen, versions),
        copied_elsewhere=any(
            name is not None and name not in versions
            for rule in chosen
            for name in map(rule.mirrored, rule.filters)
        ),
        parents=parents,
        sticky=any(rule.sticky for rule in chosen),
    )


def copies_seen(rules: Sequence[ForeignRule], versions: Mapping[str, str]) -> Mapping[str, int]:
    """Percent of the requests that versions get copies of; the most that any rule says.

    Args:
        rules: Those that lead to the model.
        versions: Version by Service.
    """
    seen: dict[str, int] = {}
    for rule in rules:
        for found in rule.filters:
            version = versions.get(rule.mirrored(found) or "")
            if version is not None:
                seen[version] = max(seen.get(version, 0), percent_of(found["requestMirror"]))
    return seen


def percent_of(mirror: Ref) -> int:
    """Share of the requests that a mirror copies, in percent; the Gateway API's default is all of them."""
    fraction = mirror.get("fraction")
    if fraction is not None:
        return round(100 * int(fraction["numerator"]) / int(fraction.get("denominator") or 100))
    percent = mirror.get("percent")
    return 100 if percent is None else int(percent)


def originals(rules: Sequence[ForeignRule], ours: Collection[str]) -> tuple[OriginalRule, ...]:
    """Keep where rules lead now, apart from us."""
    found = ((r, [b for b in r.refs if r.service(b) not in ours]) for r in rules)
    return tuple(OriginalRule(rule=r.name, backend_refs=tuple(refs)) for r, refs in found if refs)


def shares_seen(found: Sequence[Mapping[str, int]]) -> tuple[Mapping[str, int], bool]:
    """What rules give to whom, and whether they differ in it.

    Where they do, it is the most that any of them gives to each: that is no split of ours, and hides nobody.

    Args:
        found: Weights by version of each rule that leads to the model, and by name that of the adopted Service while it
            has one.
    """
    if not found or all(is_same_split(f, found[0]) for f in found):
        return found[0] if found else {}, False
    return {version: max(f.get(version, 0) for f in found) for f in found for version in f}, True


def _seen(rule: ForeignRule, versions: Mapping[str, str], adopt: str | None) -> dict[str, int]:
    seen: dict[str, int] = {}
    for backend in rule.refs:
        name, weight = rule.service(backend) or "", weight_of(backend)
        if name in versions:
            seen[versions[name]] = weight
        elif name == adopt and weight > 0:
            seen[name] = weight
    return seen

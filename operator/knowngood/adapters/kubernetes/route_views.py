"""HTTPRoutes as they are seen: weights, copies, and what the gateways have made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowngood.adapters.kubernetes.api import Object
from knowngood.adapters.kubernetes.trials import split
from knowngood.decisions.foreign import percent_of
from knowngood.decisions.gateways import Parent


@dataclass(frozen=True, slots=True)
class HttpRouteView:
    """What is kept of an HTTPRoute.

    Attributes:
        rules: For each rule the weight by Service name.
        copies: For each rule the percent of the requests that a Service gets copies of, by its name.
        refusals: What the gateways say against this generation; empty when all have taken it over.
        parents: Gateways that it attaches to.
        tested: Names of Services that rules for trial requests lead to.
    """

    uid: str
    generation: int
    rules: tuple[tuple[tuple[str, int], ...], ...]
    copies: tuple[tuple[tuple[str, int], ...], ...]
    refusals: tuple[str, ...]
    parents: tuple[Parent, ...]
    tested: frozenset[str] = frozenset()


def reduce_route(body: Object) -> HttpRouteView:
    """Keep the weights, and whether the gateways have taken them over."""
    meta, spec = body["metadata"], body.get("spec") or {}
    generation = int(meta.get("generation") or 0)
    plain, trials = split(spec.get("rules") or ())
    rules = tuple(
        tuple(sorted((b["name"], int(b.get("weight", 1))) for b in rule.get("backendRefs") or ()))
        for rule in plain
    )
    copies = tuple(
        tuple(
            (mirror["backendRef"]["name"], percent_of(mirror))
            for mirror in (f.get("requestMirror") for f in rule.get("filters") or ())
            if mirror
        )
        for rule in plain
    )
    tested = frozenset(b["name"] for rule in trials for b in rule.get("backendRefs") or ())
    return HttpRouteView(
        meta["uid"], generation, rules, copies, refusals_of(body), parents_of(body), tested
    )


def parents_of(body: Object) -> tuple[Parent, ...]:
    """Gateways that a route attaches to; parents of other kinds are left out."""
    namespace = body["metadata"]["namespace"]
    return tuple(
        Parent(ref.get("namespace") or namespace, ref["name"], ref.get("sectionName") or "")
        for ref in (body.get("spec") or {}).get("parentRefs") or ()
        if (ref.get("kind") or "Gateway") == "Gateway"
    )


def refusals_of(body: Object) -> tuple[str, ...]:
    """Say what the gateways say against a route as it is now; empty when all have taken it over."""
    meta, spec = body["metadata"], body.get("spec") or {}
    generation = int(meta.get("generation") or 0)
    parents = (body.get("status") or {}).get("parents") or []
    refusals: list[str] = []
    # What an earlier parent said stays in the status, so only those that are asked for are listened to.
    for wanted in spec.get("parentRefs") or ():
        said = [p for p in parents if _is_about(p["parentRef"], wanted, meta)]
        refusals += [words for p in said for words in _refusals(p, generation)]
        if not said:
            refusals.append(
                f"no controller answers for {' '.join(_name(wanted, meta))}: "
                "do the route's parentRefs name one that exists?"
            )
    return tuple(refusals)


def _is_about(said: Mapping[str, Any], wanted: Mapping[str, Any], meta: Mapping[str, Any]) -> bool:
    """Say whether an answer is that of a parent that is asked for; without a listener named, any of its listeners'."""
    listener = all(
        said.get(key) == wanted.get(key) for key in ("sectionName", "port") if wanted.get(key)
    )
    return listener and _name(said, meta) == _name(wanted, meta)


def _name(ref: Mapping[str, Any], meta: Mapping[str, Any]) -> tuple[str, str]:
    namespace = ref.get("namespace") or meta.get("namespace") or ""
    return ref.get("kind") or "Gateway", f"{namespace}/{ref['name']}"


def _refusals(parent: Mapping[str, Any], generation: int) -> list[str]:
    conditions = {c["type"]: c for c in parent.get("conditions") or ()}
    found = []
    for kind in ("Accepted", "ResolvedRefs"):
        condition = conditions.get(kind)
        if condition is None or int(condition.get("observedGeneration") or 0) < generation:
            found.append("the gateway has not seen the latest weights yet")
        elif condition["status"] != "True":
            found.append(
                f"{kind}=False: {condition.get('reason', '')}: {condition.get('message', '')}"
            )
    return found

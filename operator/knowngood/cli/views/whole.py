"""A policy as a whole: what its approval, limits and escalation mean, and whom and what it speaks of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    ClusterIncidentPolicy,
    JudgedRole,
    PolicyMode,
    PolicySpec,
    Trigger,
)
from knowngood.api.v1alpha1.approvals import Approval, ApprovalMode, OnTimeout
from knowngood.api.v1alpha1.policy import Action
from knowngood.cli.views.faults import Policy
from knowngood.decisions.responding import response_for_serving

_WAITS: Final = "10m"
"""How long an approval waits where it says nothing."""

_SHIFT: Final = "shiftToShadow"
_SAFE_PATH: Final = "safePath"
_SUSPEND: Final = "suspendFeed"
_HOLD: Final = "hold"


@dataclass(frozen=True, slots=True)
class There:
    """What a cluster has.

    Attributes:
        models: All that a policy may speak of; None where one may not list them.
        signals: Names of the signal templates; None likewise.
    """

    models: tuple[AIModelDeployment, ...] | None
    signals: frozenset[str] | None


def meanings(spec: PolicySpec) -> Iterator[tuple[str, str]]:
    """Tell in a line each who is asked, how often something is done, and who is told."""
    for one in spec.approval:
        yield "approval", f"{one.action.value}: {_approval(one)}"
    if bounds := list(_bounds(spec)):
        yield "limits", f"{' and '.join(bounds)}, by itself or by approval, for each model"
    steps = [
        f"{', '.join(step.notify)} {_after(step.after, taken=step.unless is not None)}"
        for step in spec.escalation
    ]
    told = (
        "; ".join(steps)
        or "the receivers that are default, at once (those of the operator's own configuration)"
    )
    yield "told", told


def whole_traps(policy: Policy, there: There | None) -> Iterator[str]:
    """Tell what of a policy is about nothing.

    Args:
        policy: Whole.
        there: What the cluster has; None where none was asked.
    """
    spec = policy.spec
    kinds = {name for r in spec.responses for action in r.actions for name in _set(action)}
    if _SHIFT in kinds:  # it walks the model's ladder, and that may lead to the safe path
        kinds.add(_SAFE_PATH)
    for one in spec.approval:
        if _field(one.action.value) not in kinds:
            yield (
                f"approval for {one.action.value}: nobody is ever asked, for no response of this policy has "
                f"{_field(one.action.value)}"
            )
    yield from _feed_traps(policy, there)
    if there is None:
        return
    if there.models is not None and not any(_speaks(policy, m) for m in there.models):
        where = (
            ""
            if policy.kind == "ClusterIncidentPolicy"
            else f" in namespace {policy.metadata.namespace}"
        )
        yield f"spec.selector chooses none of the models{where} ({len(there.models)} are there): nothing is judged"
    if there.signals is not None:
        for name in sorted({t.signal.name for t in spec.triggers} - there.signals):
            yield f"there is no ClusterSignalTemplate {name}: nothing is read for it{meant(name, there.signals)}"


def _feed_traps(policy: Policy, there: There | None) -> Iterator[str]:
    """Tell which lists of feeds mean something else than they seem to, or nothing."""
    models = None if there is None else there.models
    spoken_of = [m for m in models or () if _speaks(policy, m)]
    known = {f.target.name for m in spoken_of for f in m.spec.feeds if f.target is not None}
    for response in policy.spec.responses:
        for said in (a.suspend_feed for a in response.actions if a.suspend_feed is not None):
            where = f"response {response.name}: suspendFeed.feeds"
            if "feeds" in said.model_fields_set and not said.feeds:
                yield f"{where} is empty: all feeds are suspended; name them, or leave the list out if all are meant"
            for name in said.feeds if spoken_of else ():
                if name not in known:
                    yield (
                        f"{where}: no model that this policy speaks of has a feed {name}; there are: "
                        f"{', '.join(sorted(known)) or 'none'}"
                    )


def meant(name: str, known: Iterable[str]) -> str:
    """Which of the known names somebody may have meant; empty where none is like it."""
    found = get_close_matches(name, sorted(known), n=1)
    return f"; is {found[0]} meant?" if found else ""


def serving(spec: PolicySpec) -> Mapping[str, str]:
    """Tell of each trigger for what serves what follows from its breach, by its name."""
    found = [t for t in spec.triggers if JudgedRole.STABLE in t.roles]
    return {t.name: _follows(spec, t) for t in found}


def answer_to(spec: PolicySpec, trigger: Trigger) -> str:
    """What becomes of the requests when a trigger fires for what serves: a field of a response; else hold."""
    given = {name for action in _answers(spec, trigger) for name in _set(action)}
    return next((name for name in (_SHIFT, _SAFE_PATH) if name in given), _HOLD)


def _follows(spec: PolicySpec, trigger: Trigger) -> str:
    if spec.mode is PolicyMode.OBSERVE:
        return "a breach is written down, and nothing is done (mode Observe)"
    found = [f"a breach opens an incident, and {_requests(spec, answer_to(spec, trigger))}"]
    said = [a.suspend_feed for a in _answers(spec, trigger) if a.suspend_feed is not None]
    if said:
        every = any(not one.feeds for one in said)
        names = " and ".join(name for one in said for name in one.feeds)
        found.append(
            f"{'all its feeds' if every else f'its feeds {names}'} are suspended{_waits(spec, _SUSPEND)}"
        )
    return "; ".join(found)


def _requests(spec: PolicySpec, answer: str) -> str:
    """What becomes of the requests."""
    if answer == _HOLD:
        return "nothing is shifted: no response moves what serves"
    if answer == _SAFE_PATH:
        return f"requests go to the model's safe path, if it has one{_waits(spec, _SAFE_PATH)}"
    return (
        "requests are shifted to the version that stands by, if it was seen to be right"
        f"{_waits(spec, _SHIFT)}, else to its safe path, if it has one{_waits(spec, _SAFE_PATH)} "
        "(the ladder: spec.fallback.order of the model)"
    )


def _waits(spec: PolicySpec, answer: str) -> str:
    """Say that people are asked before; empty where nobody is."""
    said = next((a.mode for a in spec.approval if _field(a.action.value) == answer), None)
    mode = said or (ApprovalMode.ACT if answer == _SHIFT else ApprovalMode.REQUIRE)
    return "" if mode is ApprovalMode.ACT else ", once people have decided (approval)"


def _answers(spec: PolicySpec, trigger: Trigger) -> tuple[Action, ...]:
    response = response_for_serving(spec, trigger)
    return response.actions if response else ()


def _approval(one: Approval) -> str:
    waits = one.timeout or _WAITS
    if one.mode is ApprovalMode.ACT:
        return "nobody is asked"
    if one.mode is ApprovalMode.VETO_WINDOW:
        return f"it waits {waits} for somebody to object; one approval begins it at once, one veto ends it"
    people = one.people or 1
    needed = "one person" if people == 1 else f"{people} different people"
    late = (
        "it is done all the same"
        if one.on_timeout is OnTimeout.ACT
        else "nothing is done, and an approval still counts"
    )
    return f"it waits for {needed}; after {waits} without them {late}"


def _bounds(spec: PolicySpec) -> Iterator[str]:
    limits = spec.limits
    if limits is not None and limits.actions_per_hour is not None:
        yield f"at most {limits.actions_per_hour} shifts of what serves in an hour"
    if limits is not None and limits.cooldown is not None:
        yield f"no shift of what serves for {limits.cooldown} after one has begun"


def _after(after: str, *, taken: bool) -> str:
    when = "at once" if not after.strip("0hms") else f"after {after}"
    return f"{when}, unless a person has taken it" if taken else when


def _speaks(policy: Policy, model: AIModelDeployment) -> bool:
    """Whether a policy may speak of a model: the labels of its namespace are not looked at."""
    own = policy.metadata.namespace in {None, "", model.metadata.namespace}
    wide = isinstance(policy, ClusterIncidentPolicy)
    return (wide or own) and policy.spec.selector.matches(model.metadata.labels)


def _field(action: str) -> str:
    """The field of a response that an action is: ShiftToShadow is shiftToShadow."""
    return action[:1].lower() + action[1:]


def _set(action: Action) -> Iterator[str]:
    """The fields that an action has, as people write them."""
    return iter(action.model_dump(by_alias=True, exclude_none=True))

"""Conditions that need a person's attention, and what the person can do about them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, Condition, ConditionType, Phase, Reason
from knowngood.cli.views.lines import Advice, Line, Tone
from knowngood.cli.views.phrases import names, pods
from knowngood.decisions.calling import order

_LOUD: Final = (ConditionType.STALLED, ConditionType.AVAILABLE)
"""The ones that mean: users may be harmed, or nothing goes on."""

_ORDER: Final = (
    *_LOUD,
    ConditionType.READY,
    ConditionType.KNOWN_GOOD_AVAILABLE,
    ConditionType.ROLLOUTS_FROZEN,
    ConditionType.SAFE_PATH,
    ConditionType.GUARDED,
)
"""Not RouteProgrammed: it is False for a moment at every step, and what lasts longer is told by the others."""

ADVICE: Final[Mapping[str, tuple[str, str]]] = {
    Reason.BREACHED: ("take it back, or wait until the verdict changes", "{abort}"),
    Reason.CLAIMED: ("rename the model, or remove the other object", ""),
    Reason.EVERY_VERSION_BREACHED: (
        "look at what both versions share (data, pipeline, infrastructure), or take it back",
        "{abort}",
    ),
    Reason.FALLBACK_NOT_READY: (
        "bring a pod of version {stable} up; the rest follows by itself",
        "{pods}",
    ),
    Reason.FROZEN: (
        "end the freeze when that is over: knowngood unfreeze, of the model, its namespace or all",
        "",
    ),
    Reason.INCIDENT_NOT_RECORDED: (
        "read the operator's log: a quota or a webhook may refuse the Incident",
        "",
    ),
    Reason.NO_DATA: ("look at Prometheus: are the pods scraped?", "{pods}"),
    Reason.NO_ENDPOINTS: ("look at the pods", "{pods}"),
    Reason.NO_POLICY: ("write an IncidentPolicy that selects this model", ""),
    Reason.NO_SIGNALS: ("mend the name of the signal, or its ClusterSignalTemplate", ""),
    Reason.NOT_PROGRAMMED: ("look at the route and its gateway", "{route}"),
    Reason.NOT_SERVING: ("look at the pods", "{pods}"),
    Reason.OBSERVE_ONLY: ("set mode: Act in the policy when you trust it", ""),
    Reason.OBSERVER_DOWN: (
        "see the message: mend the template, or look whether its source answers and is configured",
        "{template}",
    ),
    Reason.PROGRESS_DEADLINE_EXCEEDED: ("look at the pods, the route and its gateway", "{pods}"),
    Reason.ROUTE_OVERRIDDEN: ("put the route back when that is over", "{release}"),
    Reason.ROUTE_CONTESTED: ("find out who else writes the route", "{route}"),
    Reason.SAFE_PATH_ANSWERS: ("give the requests back when the version is right again", "{undo}"),
    Reason.SAFE_PATH_NOT_READY: (
        "look at the Service's pods: nobody could be sent there",
        "{safe}",
    ),
    Reason.SAFE_PATH_OVERDUE: ("give the requests back, or go to another version", "{undo}"),
    Reason.STATE_LOST: (
        "restore the status, or give one version all requests in the route",
        "{route}",
    ),
    Reason.SUSPENDED: ("set spec.suspend to false when that is over", ""),
    Reason.TEMPLATE_INVALID: (
        "mend the template, and give spec.model.version another value",
        "",
    ),
    Reason.UNSUPPORTED_FIELD: ("upgrade the operator, edit the step, or take it back", "{abort}"),
    Reason.VERSION_MEANING_CHANGED: ("give the new contents another version name", ""),
    Reason.VERSION_UNAVAILABLE: ("list the version in serving.services again", ""),
    Reason.VERSION_REJECTED: ("see why", "{why}"),
}
"""What can be done and called, by reason; docs/rollouts.md says more."""

_WHILE_TRUE: Final = frozenset(
    {ConditionType.STALLED, ConditionType.ROLLOUTS_FROZEN, ConditionType.SAFE_PATH}
)
"""The ones that are there only while they are so, and then need attention."""

_UNSTEERED: Final = frozenset({Reason.NOT_PROGRAMMED, Reason.ROUTE_OVERRIDDEN})
"""Reasons for not being Ready that no other condition tells."""

_SIGNAL: Final = re.compile(r"signal ([a-z0-9][-a-z0-9.]*):? ")
"""The signal that a message is about, if it says so."""

_STARTING: Final = frozenset({None, Phase.PENDING, Phase.INITIALIZING})


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that is not as it should be.

    Attributes:
        kinds: The conditions that say so, the worst one first.
        loud: Users may be harmed, or nothing goes on by itself.
        advice: What a person can do; None where nothing has to be done.
    """

    kinds: tuple[str, ...]
    reason: str
    message: str
    loud: bool
    advice: Advice | None


def attention(model: AIModelDeployment) -> tuple[Attention, ...]:
    """Find what needs attention, the worst first; several conditions that say the same are one."""
    found: dict[tuple[str, str], list[str]] = {}
    for condition in sorted(_conditions(model), key=_rank):
        key = (condition.reason, condition.message)
        found.setdefault(key, []).append(condition.type)
    loud = {kind.value for kind in _LOUD}
    return tuple(
        Attention(tuple(kinds), reason, message, kinds[0] in loud, _advice(model, reason, message))
        for (reason, message), kinds in found.items()
    )


def told(found: Attention) -> tuple[Line, ...]:
    """Write one of them down."""
    kinds = f"{', '.join(found.kinds)} ({found.reason})"
    tone = Tone.BAD if found.loud else Tone.WARNING
    lines = (Line(kinds, head="  ", tone=tone), Line(found.message, head="    "))
    return (*lines, *found.advice.lines("    -> ")) if found.advice else lines


def _conditions(model: AIModelDeployment) -> list[Condition]:
    status = model.status
    if status is None:
        return []
    stalled = any(c.type == ConditionType.STALLED and c.status == "True" for c in status.conditions)
    expected = {Reason.ONLY_ONE_VERSION} | (
        {Reason.NOT_SERVING} if status.phase in _STARTING else set()
    )
    return [
        c for c in status.conditions if _is_bad(c, stalled=stalled) and c.reason not in expected
    ]


def _is_bad(condition: Condition, *, stalled: bool) -> bool:
    if condition.reason == Reason.SAFE_PATH_NOT_READY:
        return True
    if condition.type in _WHILE_TRUE:
        return condition.status == "True"
    if condition.type not in _ORDER or condition.status == "True":
        return False
    # A model that is on its way is not Ready: that is no news. What keeps a stalled one from being Ready is told by
    # Stalled, in more words.
    if condition.type == ConditionType.READY:
        return not stalled and condition.reason in _UNSTEERED
    return True


def _rank(condition: Condition) -> int:
    return _ORDER.index(ConditionType(condition.type))


def _advice(model: AIModelDeployment, reason: str, message: str) -> Advice | None:
    if reason not in ADVICE:
        return None
    text, command = ADVICE[reason]
    meta, signal, canary = model.metadata, _SIGNAL.match(message), names(model).canary
    if command == "{abort}" and not canary:  # nothing is rolled out that could be taken back
        return None
    words = {
        "stable": names(model).stable,
        "abort": order(model, "abort", f"--version {canary}"),
        "why": order(model, "why"),
        "release": order(model, "release"),
        "undo": order(model, "undo", f"--version {names(model).stable}"),
        "pods": pods(model),
        "template": f"kubectl get csigt {signal[1]} -o yaml" if signal else "kubectl get csigt",
        "safe": f"kubectl -n {meta.namespace} get service,endpointslices",
        "route": f"kubectl -n {meta.namespace} describe httproute {meta.name}",
    }
    return Advice(text.format(**words), command.format(**words))

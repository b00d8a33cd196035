"""What a person can do next about a version, in plain words. Nothing is told that would be refused."""

from collections.abc import Callable, Mapping
from typing import Final

from knowngood.api.v1alpha1 import ConditionType, IncidentStatus, Reason, WaitingFor
from knowngood.cli.views.about import About, Case, is_rejected
from knowngood.cli.views.attention import attention
from knowngood.cli.views.lines import Advice
from knowngood.cli.views.phrases import condition, names, pods, present_step
from knowngood.decisions.approving import is_open
from knowngood.decisions.calling import order

_BREACHED: Final = frozenset({Reason.BREACHED, Reason.EVERY_VERSION_BREACHED})
_ONWARD: Final = frozenset({WaitingFor.TIME, WaitingFor.SAMPLES, WaitingFor.PROOF, WaitingFor.DATA})
"""Waits that a person may cut short; the operator does not go past one for pods or for the gateway."""


_DECIDED: Final[Mapping[WaitingFor, tuple[str, str]]] = {
    WaitingFor.RESUME: ("let it go on", "resume"),
    WaitingFor.PERSON: ("let it go on", "promote"),
    WaitingFor.VERDICT: ("wait until the verdict changes, or go past it", "force"),
}
"""What a person can say to a wait, and by which verb."""

_ONCE_MORE: Final = "or roll it out once more, when the reason lay elsewhere"


def next_steps(about: About) -> list[Advice]:
    """Tell what can be done, the most likely first."""
    return [*STEPS[about.case](about), *_incident(about)]


def _taken_back(about: About) -> list[Advice]:
    model, version, stable = about.model, about.version, names(about.model).stable
    again = order(model, "retry", f"--version {version}")
    if about.is_desired:
        retry = [] if _is_frozen(about) else [Advice(_ONCE_MORE, again)]
        return [
            Advice(f"ship another version: give spec.model.version another value than {version}"),
            Advice(
                f"or apply the manifest of version {stable}, its template with it: the model is Ready at once"
            ),
            *retry,
        ]
    return [
        Advice(
            f"nothing has to be done: the spec does not ask for version {version}, and version {stable} answers"
        ),
        _again(about),
    ]


def _again(about: About) -> Advice:
    set_it = f"to roll it out again, set spec.model.version to {about.version}"
    if not is_rejected(about.model, about.record, about.version):
        return Advice(set_it)
    return Advice(f"{set_it}, and then", order(about.model, "retry", f"--version {about.version}"))


def _going_back(about: About) -> list[Advice]:
    wait = order(about.model, "wait", f"--version {about.version}")
    return [Advice("nothing has to be done; this tells when it is over", wait)]


def _tried(about: About) -> list[Advice]:
    back = order(about.model, "abort", f"--version {about.version}")
    if about.model.spec.suspend:
        return [Advice("set spec.suspend to false: it goes on where it was")]
    # The operator sends nobody to a version that is not ready.
    stuck = any(a.reason == Reason.FALLBACK_NOT_READY for a in attention(about.model))
    taken = [] if stuck else [Advice("take it back, without an incident", back)]
    return [*_onward(about), *taken]


def _onward(about: About) -> list[Advice]:
    model = about.model
    promote = order(model, "promote", f"--version {about.version}")
    rollout = model.status.rollout if model.status else None
    waiting = rollout.waiting_for if rollout else WaitingFor.NONE
    # Only what the operator would do is told: it promotes nothing that is breached.
    if any(a.reason in _BREACHED for a in attention(model)):
        return []
    if _is_frozen(about):
        return [Advice("wait until rollouts are not frozen any more")]
    if waiting in _DECIDED:
        text, verb = _DECIDED[waiting]
        return [Advice(text, order(model, verb, f"--version {about.version}"))]
    step = present_step(model)
    if waiting in _ONWARD and (step is None or step.pause is not None):
        past = "promote it at once" if step is None else "go past this pause"
        return [Advice(f"wait, or {past}", promote)]
    wait = Advice("wait: it goes on by itself, or is taken back at its deadline")
    return [wait, _pods(about)] if waiting is WaitingFor.PODS else [wait]


def _is_frozen(about: About) -> bool:
    """Say whether the operator would refuse to let a version go on."""
    found = condition(about.model, ConditionType.ROLLOUTS_FROZEN)
    return found is not None and found.status == "True"


def _pods(about: About) -> Advice:
    return Advice("look at its pods", pods(about.model, about.version))


def _serving(about: About) -> list[Advice]:
    wanted = about.model.spec.model.version
    if wanted != about.version:
        return [Advice(f"version {wanted} is asked for", order(about.model, "why", wanted))]
    if not about.breaches:
        return [Advice("nothing has to be done")]
    found = [Advice("look at what reaches it: feeds, clients and the hour look like its own fault")]
    asked = next((b.incident for b in about.breaches if is_open(b)), None)
    if asked:
        where = f"{asked} -n {about.model.metadata.namespace}"
        found.insert(0, Advice("answer what its incident asks", f"knowngood incident show {where}"))
    if about.model.status and about.model.status.undo:
        found.append(Advice("take it back, if it is the cause", order(about.model, "rollback")))
    return found


def _starting(about: About) -> list[Advice]:
    found = [a.advice for a in attention(about.model) if a.advice and a.loud]
    return found or [Advice("wait: it goes on by itself"), _pods(about)]


def _wanted(about: About) -> list[Advice]:
    found = [a.advice for a in attention(about.model) if a.advice]
    return found or [Advice("wait: the operator looks at it by itself")]


def _incident(about: About) -> list[Advice]:
    found = about.incident
    clocks = (found.status or IncidentStatus()).clocks if found else None
    if found is None or clocks is None or clocks.closed is not None:
        return []
    meta = found.metadata
    where = f"{meta.name} -n {meta.namespace}"
    if clocks.acknowledged is None:
        call = f"knowngood incident acknowledge {where}"
        return [Advice("say that you have the incident", call)]
    call = f"knowngood incident close {where} --resolution Resolved"
    return [Advice("close the incident when it is dealt with; no traffic moves", call)]


STEPS: Final[Mapping[Case, Callable[[About], list[Advice]]]] = {
    Case.GOING_BACK: _going_back,
    Case.TAKEN_BACK: _taken_back,
    Case.TRIED: _tried,
    Case.STARTING: _starting,
    Case.SERVING: _serving,
    Case.WANTED: _wanted,
    Case.PAST: lambda about: [_again(about)],
}
"""What can be done in each case."""

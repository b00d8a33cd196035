"""Why a version was taken back, or is held: everything that was written down about it, in the order people ask."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import (
    FailureReason,
    IncidentStatus,
    Reason,
    Standing,
)
from knowngood.cli.views.about import About, Case, told_in
from knowngood.cli.views.attention import Attention, attention, told
from knowngood.cli.views.going import going_on
from knowngood.cli.views.happened import clocks, timeline
from knowngood.cli.views.lines import Line, Part, Tone, facts, section
from knowngood.cli.views.next_steps import next_steps
from knowngood.cli.views.one import incident_head, undone
from knowngood.cli.views.phrases import moment, names, on_safe_path
from knowngood.cli.views.said import said
from knowngood.cli.views.verdicts import breaches, evidence, remembered

REASONS: Final[Mapping[FailureReason, str]] = {
    FailureReason.BREACHED: "a trigger was breached",
    FailureReason.ABORTED: "a person gave the abort command",
    FailureReason.MANUAL: "a person gave the rollback command",
    FailureReason.UNDONE: "a person took its promotion back (undo)",
    FailureReason.PROGRESS_DEADLINE_EXCEEDED: "its pods or the gateway did not come in time",
    FailureReason.SUPERSEDED: "another version was asked for",
    FailureReason.ENDPOINTS_LOST: "its pods came and went too often",
    FailureReason.CONTENT_CHANGED: "its image is not the one that was judged",
    FailureReason.INCONCLUSIVE: "it was not shown to be good enough in time; nothing was found against it",
}
"""Why versions are taken back."""

_ENDED: Final[Mapping[Standing | None, str]] = {
    Standing.RETIRED: "another version was promoted in its place",
    Standing.SUPERSEDED: "another version was asked for before it was promoted",
}


def why(about: About) -> tuple[Part, ...]:
    """Tell it."""
    model, version = about.model, about.version
    stands = about.standing
    title = f"version {version} of {model.metadata.name} in {model.metadata.namespace}"
    needs = [line for found in attention(model) for line in told(_unadvised(found))]
    return (
        Line(f"{title}: {stands}" if stands else title, tone=Tone.TITLE),
        Line(HEADLINES[about.case](about), head="  "),
        *section("Incident", _incident(about)),
        *section("Evidence", evidence(_status(about), about.version)),
        *section("Breached while it serves", breaches(about)),
        *section("What the triggers said", said(about)),
        *section("What its triggers see", _power(about)),
        *section("How requests are counted", _counted(about)),
        *section("What happened", timeline(_status(about))),
        *section("Clocks", clocks(_status(about))),
        *section("Where it stood", _transitions(about)),
        *section("Baselines", remembered(about.record)),
        *section("Needs attention", needs),
        *section("Undo", undone(model)),
        *section(
            "What you can do",
            [line for advice in next_steps(about) for line in advice.lines("  - ")],
        ),
    )


def _unadvised(found: Attention) -> Attention:
    """Leave out what is said under "What you can do", in more words."""
    return replace(found, advice=None) if found.reason == Reason.VERSION_REJECTED else found


def _taken_back(about: About) -> str:
    rejection, failure = about.rejection, about.failure
    reason = rejection.reason if rejection else failure.reason if failure else None
    because = f" because {REASONS[reason]}" if reason else ""
    at = rejection.time if rejection else failure.detected_at if failure else None
    when = f" at {moment(at)}" if at else ""
    trigger = f" (trigger {rejection.trigger})" if rejection and rejection.trigger else ""
    serves = f"version {names(about.model).stable} answers all requests"
    if on_safe_path(about.model) is not None:
        serves = going_on(about.model)
    # The incident tells the same, in more words; where there is none, the status may still.
    more = f": {failure.message}" if failure and about.incident is None else ""
    return f"it was taken back{when}{because}{trigger}{more}. {serves}."


def _serves(about: About) -> str:
    number = len(about.breaches)
    if not number:
        return f"it was not taken back, and it is not held: {going_on(about.model)}"
    what = "a trigger is" if number == 1 else f"{number} triggers are"
    held = next((b.held for b in about.breaches if b.held), "")
    if not held or on_safe_path(about.model) is not None:
        return f"{what} breached for it: {going_on(about.model)}"
    return f"{what} breached for it, and nothing is shifted for that, because {held}. {going_on(about.model)}"


def _wanted(about: About) -> str:
    if about.model.status is None:
        return going_on(about.model)
    return "the spec asks for it, and it was not started yet"


def _past(about: About) -> str:
    ended = _ENDED.get(about.standing, "the spec does not ask for it")
    return f"it gets no requests: {ended}. {going_on(about.model)}."


HEADLINES: Final[Mapping[Case, Callable[[About], str]]] = {
    Case.GOING_BACK: lambda about: going_on(about.model),
    Case.TAKEN_BACK: _taken_back,
    Case.TRIED: lambda about: going_on(about.model),
    Case.STARTING: lambda about: going_on(about.model),
    Case.SERVING: _serves,
    Case.WANTED: _wanted,
    Case.PAST: _past,
}
"""The answer in a sentence or two."""


def _status(about: About) -> IncidentStatus | None:
    return about.incident.status if about.incident else None


def _incident(about: About) -> tuple[Line, ...]:
    name = told_in(about.model, about.record, about.version)
    if about.incident is None:
        text = f"{name} is not written yet, or was deleted"
        return (Line(text, head="  "),) if name else ()
    status = about.incident.status or IncidentStatus()
    return (
        Line(incident_head(about.incident, status), head="  "),
        Line(status.summary or "nothing is written down yet", head="    "),
    )


def _power(about: About) -> tuple[Line, ...]:
    status = about.model.status
    rollout = status.rollout if status else None
    if rollout is None or rollout.version != about.version:
        return ()
    return facts([(power.trigger.rsplit("/", 1)[-1], power.sees) for power in rollout.power])


def _counted(about: About) -> tuple[Line, ...]:
    status = about.model.status
    rollout = status.rollout if status else None
    if rollout is None or rollout.version != about.version:
        return ()
    return facts([(effect.signal, effect.message) for effect in rollout.design_effects])


def _transitions(about: About) -> tuple[Line, ...]:
    status = about.record.status if about.record else None
    return facts(
        [(moment(t.time), f"{t.standing} ({t.reason})") for t in status.transitions]
        if status
        else []
    )

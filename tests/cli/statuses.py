"""Models as the operator writes them: its own decisions fill in their statuses."""

import io
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from rich.console import Console

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    Condition,
    ConditionType,
    Incident,
    IncidentStatus,
    Rejection,
    Standing,
    Transition,
)
from knowngood.cli.printing import Printer
from knowngood.cli.views.lines import Part
from knowngood.decisions.handing_over import readable
from knowngood.decisions.incidents import incident_status
from knowngood.decisions.reporting import status_of
from knowngood.decisions.transition import decide
from tests.decisions.situations import STANDINGS, a_model, a_record, a_situation
from tests.decisions.states import NOW, STATES

EARLIER = NOW - timedelta(hours=1)


def decided(state: str, model: AIModelDeployment | None = None, **rest: Any) -> AIModelDeployment:
    """The model as the operator leaves it after one decision in a state."""
    known = STATES[state]
    s = a_situation(known, model=model or a_model(known), **rest)
    return s.model.model_copy(update={"status": status_of(s, decide(s))})


def having(model: AIModelDeployment, **status: Any) -> AIModelDeployment:
    """A copy whose status says something else."""
    assert model.status is not None
    return model.model_copy(update={"status": model.status.model_copy(update=status)})


def with_condition(
    model: AIModelDeployment, kind: ConditionType, reason: str, message: str, *, holds: bool
) -> AIModelDeployment:
    assert model.status is not None
    said = Condition(
        type=kind,
        status="True" if holds else "False",
        reason=reason,
        message=message,
        last_transition_time=NOW,
    )
    rest = tuple(c for c in model.status.conditions if c.type != kind)
    return having(model, conditions=(*rest, said))


def record(version: str, *, rejection: Rejection | None = None) -> AIModelVersion:
    """The record of a version that has stood there for an hour."""
    found = a_record(version, STANDINGS[version])
    assert found.status is not None
    stands = found.status.standing or Standing.CANDIDATE
    passed = (Transition(standing=stands, time=EARLIER, reason="Because"),)
    status = found.status.model_copy(update={"transitions": passed, "rejection": rejection})
    return found.model_copy(update={"status": status})


def incident_of(model: AIModelDeployment) -> Incident:
    """The incident of the last rollback, as the operator tells it."""
    assert model.status is not None
    assert model.status.incident_ref is not None
    body = {
        "metadata": {"name": model.status.incident_ref.name, "namespace": "lending"},
        "spec": {"modelRef": {"name": "loan", "uid": "u1"}, "origin": "Trigger"},
    }
    bare = Incident.model_validate(body)
    status: IncidentStatus = readable(model, bare, incident_status(model, bare))
    return bare.model_copy(update={"status": status})


def printed(parts: Iterable[Part], *, width: int = 80, colour: bool = False) -> str:
    """What a person sees, in a pipe or on a terminal."""
    sink = io.StringIO()
    console = Console(
        file=sink,
        width=width,
        height=50,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    Printer(console).show(parts)
    return sink.getvalue()


def flat(text: str) -> str:
    """The same on one line, so that a claim does not hang on where lines break."""
    return " ".join(text.split())

"""A shift that people decide about: what the policy asks, what they answer, and the incident that tells it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from knowngood.api.v1alpha1 import ActionRecord, Incident, IncidentStatus
from knowngood.api.v1alpha1.approvals import Approval, ApprovalAnswer
from knowngood.decisions.answering import heard
from knowngood.decisions.handing_over import readable
from knowngood.decisions.incidents import incident_status
from knowngood.decisions.plan import Plan
from knowngood.decisions.safe_path_incidents import with_return
from knowngood.decisions.trigger_views import TriggerView
from tests.decisions.containment import a_breach, play, seen
from tests.decisions.playing import Play
from tests.decisions.situations import an_incident, programmed


def rule(mode: str, **more: Any) -> Approval:
    return Approval.model_validate({"action": "ShiftToShadow", "mode": mode, **more})


def a_question(mode: str, name: str = "errors", **more: Any) -> TriggerView:
    """A breach for which the policy wants people to decide."""
    return replace(a_breach(name=name), approval=rule(mode, **more))


class Asked:
    """A story in which people decide; the incident is told after each look, as a pass does it."""

    def __init__(self, *triggers: TriggerView, **seen_of_both: Any) -> None:
        self.play: Play = play()
        self.incident: Incident | None = None
        self.look(serving=seen(*triggers, **seen_of_both))

    def look(self, **more: Any) -> Plan:
        plan = self.play.look(**more)
        follows = replace(programmed(plan.weights), copies=dict(plan.copies))
        self.play.s = replace(self.play.s, route=follows)
        self.tell()
        return plan

    def after(self, seconds: float, **more: Any) -> Plan:
        return self.look(later=timedelta(seconds=seconds), **more)

    def tell(self) -> None:
        """Write the incident, with what people have said."""
        model, now = self.play.s.model, self.play.s.now
        if self.incident is None:
            self.incident = an_incident("loan-1").model_copy(update={"status": None})
        told = with_return(model, self.incident, incident_status(model, self.incident))
        again = self.incident.model_copy(update={"status": told})
        twice = with_return(model, again, incident_status(model, again))
        assert twice == told, "telling it twice adds nothing"
        told = heard(again, now, proved=True) or told
        told = readable(model, again, told)
        self.incident = again.model_copy(update={"status": told})
        told_in = {"loan-1": self.incident}
        self.play.s = replace(
            self.play.s, incident=self.incident, incidents=told_in, people_proved=True
        )

    def say(self, by: str, decision: str = "Approve", action: str = "") -> None:
        assert self.incident is not None
        answer = ApprovalAnswer.model_validate(
            {"actionId": action or self.waits.id, "by": by, "decision": decision}
        )
        spec = self.incident.spec
        said = spec.model_copy(update={"approvals": (*spec.approvals, answer)})
        self.incident = self.incident.model_copy(update={"spec": said})
        self.play.s = replace(self.play.s, incidents={"loan-1": self.incident})

    @property
    def status(self) -> IncidentStatus:
        assert self.incident is not None
        assert self.incident.status is not None
        return self.incident.status

    @property
    def waits(self) -> ActionRecord:
        (found,) = [a for a in self.status.actions if a.state == "Waiting"]
        return found

    @property
    def states(self) -> list[str]:
        return [f"{a.id} {a.type} {a.state}" for a in self.status.actions]

    @property
    def phase(self) -> str:
        assert self.play.plan is not None
        return str(self.play.plan.phase)

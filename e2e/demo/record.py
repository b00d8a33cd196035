"""The incident, as somebody reads it who sees nothing else."""

import json
from collections.abc import Mapping

from e2e.demo.observation import Observation
from e2e.demo.paging import ONCALL, Pager
from e2e.demo.stage import NAMESPACE, DemoError, Stage
from e2e.load import Load
from knowngood.api.v1alpha1 import ActionType, Incident, IncidentStatus

_TOLD_S = 60.0
_APART_S = 1.0
"""How far what clients and the version's own counters call a second may be apart."""


class Record:
    """The one incident of the demo."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def incident(self) -> Incident:
        """Return it as it is now. Raises `DemoError` if there is not exactly one."""
        printed = self._stage.cluster.kubectl("get", "incidents", "-n", NAMESPACE, "-o", "json")
        found = json.loads(printed)["items"]
        if len(found) != 1:
            raise DemoError(f"there is not one incident: there are {len(found)}")
        return Incident.model_validate(found[0])

    def told(self, load: Load) -> Incident:
        """Return it as soon as all that is looked at by itself has ended."""

        def is_told(_: Observation) -> bool:
            status = self.incident().status
            running = status is None or any(s.state == "Running" for s in status.steps)
            return self._stage.running(load) and not running

        what = "all steps of the playbook have ended"
        self._stage.wait(is_told, what, _TOLD_S, every_s=1)
        return self.incident()

    def paged(self, load: Load, pager: Pager | None) -> None:
        """Wait until whoever is on call is told by the Alertmanager, and the incident says so."""
        if pager is None:
            return

        def is_paged(_: Observation) -> bool:
            incident = self.incident()
            told = incident.status.notifications if incident.status else ()
            noted = any(n.receiver == ONCALL and n.sent > 0 for n in told)
            return (
                self._stage.running(load) and noted and bool(pager.alerts(incident.metadata.name))
            )

        self._stage.wait(is_paged, "the Alertmanager has the alert", _TOLD_S, every_s=0.5)
        text = (
            f"alice is paged: receiver {ONCALL}, a real Alertmanager, has the alert, and the incident says so. No "
            "answer comes back from there: she acknowledges by the command line"
        )
        self._stage.narrator.say(text, "bold")

    def counted(self, load: Load, version: str) -> None:
        """Wait until it says how many were answered by a version up to the containment.

        Raises:
            DemoError: There are more than clients have counted.
        """

        def is_counted(_: Observation) -> bool:
            status = self.incident().status
            found = status.affected if status else None
            return self._stage.running(load) and found is not None and found.decisions is not None

        self._stage.wait(is_counted, "the incident says how many are affected", _TOLD_S, every_s=1)
        status = self.incident().status
        found = status.affected if status else None
        if found is None or found.decisions is None or found.to is None:
            raise DemoError("the incident does not say how many are affected, and until when")
        since, until = found.from_.timestamp() - _APART_S, found.to.timestamp() + _APART_S
        seen = sum(a.version == version for a in load.ledger.answers(since, until))
        if found.decisions.at_least > seen:
            raise DemoError(f"{found.decisions.at_least} are said to be affected, and {seen} are")

    def found_alone(self, incident: Incident) -> None:
        """Show what it says before anybody has looked: why nothing was shifted, what was looked at, who is asked."""
        status = incident.status or IncidentStatus()
        narrator = self._stage.narrator
        title = f"\nIncident {incident.metadata.name}, before anybody has looked"
        narrator.console.print(title, style="bold", markup=False)
        held = [a.result or "" for a in status.actions if a.type is ActionType.HOLD]
        narrator.sentence("  nothing is shifted: ", "; ".join(held))
        for step in status.steps:
            narrator.sentence(f"  {step.name}: {step.state.value}, ", step.result or "")
        narrator.sentence("  what a person has to do: ", status.next_for_human or "")
        narrator.console.print("")

    def answers(self, said: Mapping[str, str]) -> None:
        """Show what it answers by itself.

        Raises:
            DemoError: a question has no answer.
        """
        narrator = self._stage.narrator
        narrator.console.print("\nWhat the incident answers by itself", style="bold")
        for question, answer in said.items():
            if not answer:
                raise DemoError(f"the incident does not say {question}")
            narrator.sentence(f"  {question}: ", answer)

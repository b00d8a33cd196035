"""The incident, as somebody reads it who sees nothing else."""

import json
from collections.abc import Mapping

from e2e.demo.observation import Observation
from e2e.demo.stage import NAMESPACE, DemoError, Stage
from e2e.load import Load
from knowngood.api.v1alpha1 import ActionType, Incident, IncidentStatus

_TOLD_S = 60.0


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

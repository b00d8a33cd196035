"""A model that is decided on again and again, as its pods and its route follow."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from knowngood.decisions.commands import COMMAND_ANNOTATION
from knowngood.decisions.people import COMMAND_BY_ANNOTATION
from knowngood.decisions.plan import Plan
from knowngood.decisions.reporting import status_of
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, programmed
from tests.decisions.states import STATES


class Play:
    """A story of decisions; the gateway follows at once unless a route is given.

    Attributes:
        plan: What was decided last.
    """

    def __init__(self, state: str, **spec: Any) -> None:
        known = STATES[state]
        self.s = a_situation(known, model=a_model(known, **spec))
        self.plan: Plan | None = None
        self.told: list[str] = []
        self.given = 0

    def give(self, words: str, **seen: Any) -> Plan:
        """Give a command at this instant, and decide."""
        self.given += 1
        return self._give(words, str(self.given), {}, **seen)

    def hand_in(self, version: str, more: Mapping[str, str], seal: str) -> Plan:
        """Let alice hand in baselines: what stands beside the command, and what the command says that it is."""
        return self._give(f"remember {version}", seal, {COMMAND_BY_ANNOTATION: "alice", **more})

    def _give(self, words: str, nonce: str, more: Mapping[str, str], **seen: Any) -> Plan:
        command = f"{words} {self.s.now:%Y-%m-%dT%H:%M:%SZ}-{nonce}"
        annotations = {COMMAND_ANNOTATION: command, **more}
        meta = self.s.model.metadata.model_copy(update={"annotations": annotations})
        self.s = replace(self.s, model=self.s.model.model_copy(update={"metadata": meta}))
        return self.look(later=timedelta(), **seen)

    def look(self, *, later: timedelta = timedelta(seconds=3), **seen: Any) -> Plan:
        """Let time pass, and decide on what is seen then."""
        self.s = replace(self.s, now=self.s.now + later, **seen)
        plan = decide(self.s)
        status = status_of(self.s, plan)
        self.told += [n.reason for n in plan.notices]
        model = self.s.model.model_copy(update={"status": status})
        self.s = replace(self.s, model=model)
        if "route" not in seen:
            self.s = replace(self.s, route=programmed(plan.weights))
        self.plan = plan
        return plan

    def shown(self, weights: Mapping[str, int]) -> Plan:
        """Look at a route that somebody has written."""
        return self.look(route=programmed(weights))

    def until_still(self) -> Plan:
        """Look until nothing changes any more."""
        plan = self.look()
        for _ in range(9):
            before, plan = plan, self.look()
            if (before.phase, before.rollout) == (plan.phase, plan.rollout):
                break
        return plan

    @property
    def refusal(self) -> str:
        """Why the last command was refused; empty when it was carried out."""
        last = self.plan.last_command if self.plan else None
        return last.message if last is not None and last.result == "Refused" else ""

    def condition(self, kind: str) -> str:
        status = self.s.model.status
        found = (c for c in (status.conditions if status else ()) if c.type == kind)
        return next((f"{c.status} {c.reason}" for c in found), "")

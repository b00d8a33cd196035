"""What the API server says of a version that has no record yet: asked once for each, and remembered."""

import json
from dataclasses import dataclass
from datetime import datetime

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion
from knowngood.control.ports import Traffic, Workloads
from knowngood.decisions.records import meaning_changed, template_problem
from knowngood.decisions.situation import SpecProblem
from knowngood.decisions.transition import RECHECK
from knowngood.errors import Claimed


@dataclass(frozen=True, slots=True)
class _Proof:
    """What the API server said of a version that has no record yet."""

    digest: str
    problem: SpecProblem | None
    at: datetime


class Proofs:
    """Asks, and remembers what was said."""

    def __init__(self, workloads: Workloads, traffic: Traffic) -> None:
        self._workloads = workloads
        self._traffic = traffic
        self._proved: dict[str, _Proof] = {}

    def forget(self, uid: str) -> None:
        """Drop what is remembered of a model that is gone."""
        self._proved.pop(uid, None)

    async def meaning(
        self, model: AIModelDeployment, record: AIModelVersion | None, digest: str, now: datetime
    ) -> SpecProblem | None:
        """Say why the desired version is not what was recorded under its name, or why it can not be started.

        Raises:
            ApiError: It could not be asked.
        """
        if record is not None:
            return meaning_changed(model, record, digest)
        known = self._proved.get(model.metadata.uid)
        fresh = known is not None and (known.problem is None or now < known.at + RECHECK)
        if known is not None and known.digest == digest and fresh:
            return known.problem
        problem = await self._prove(model)
        self._proved[model.metadata.uid] = _Proof(digest, problem, now)
        return problem

    async def _prove(self, model: AIModelDeployment) -> SpecProblem | None:
        """Ask about a version that has no record yet: the template by a dry run, the route's name by a look."""
        deployment = model.spec.serving.deployment
        if deployment is not None:
            problem = template_problem(deployment.template, len(json.dumps(deployment.template)))
            if problem is not None:
                return problem
            words = await self._workloads.check(model)
            if words is not None:
                return SpecProblem("TemplateInvalid", f"spec.serving.deployment.template: {words}")
        if model.spec.traffic is not None:
            words = await self._traffic.claimed(model)
            if words is not None:
                return SpecProblem(Claimed.__name__, f"spec.traffic.gatewayAPI: {words}")
        return None

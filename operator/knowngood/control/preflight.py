"""Look for the objects that versions need: seldom enough to be no burden, often enough to start with what is so."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion
from knowngood.control.ports import References
from knowngood.decisions.references import (
    LOOK_AGAIN,
    STANDBY_LOOK,
    is_about_to_start,
    missing_problem,
    references,
)
from knowngood.decisions.situation import SpecProblem
from knowngood.errors import ApiError

KEPT: Final = 4
"""Versions of one model whose last look is remembered."""


@dataclass(frozen=True, slots=True)
class _Look:
    missing: tuple[str, ...]
    at: datetime
    stood_by: bool  # whether the version stood by then: its successor may have taken away what it began with


class Preflight:
    """Looks, and remembers for a while what was seen."""

    def __init__(self, references_: References) -> None:
        self._references = references_
        self._looks: dict[str, OrderedDict[str, _Look]] = {}

    async def problem(
        self, model: AIModelDeployment, record: AIModelVersion | None, digest: str, now: datetime
    ) -> SpecProblem | None:
        """Say what the desired version would lack if it was started now.

        Raises:
            ApiError: It could not be seen.
        """
        deployment = model.spec.serving.deployment
        if deployment is None or not is_about_to_start(model, record):
            return None
        last = self._last(model, digest)
        if last is None or _is_old(last, now, LOOK_AGAIN):
            last = await self._look(model, digest, deployment.template, now)
        return missing_problem(last.missing)

    async def standing_by(
        self, model: AIModelDeployment, versions: Mapping[str, AIModelVersion], now: datetime
    ) -> dict[str, tuple[str, ...]]:
        """What the version that stands by lacks, by version; empty where that can not be seen or nothing stands by."""
        roles = model.status.versions if model.status else None
        record = versions.get(roles.shadow) if roles else None
        deployment = record.spec.serving.deployment if record else None
        if record is None or deployment is None:
            return {}
        last = self._last(model, record.spec.digest)
        if last is None or not last.stood_by or _is_old(last, now, _every(model)):
            try:
                last = await self._look(
                    model, record.spec.digest, deployment.template, now, stands_by=True
                )
            except ApiError:
                return {}  # an error is no difference: what was seen last holds
        return {record.spec.model.version: last.missing}

    def forget(self, uid: str) -> None:
        """Drop what is remembered of a model that is gone."""
        self._looks.pop(uid, None)

    def _last(self, model: AIModelDeployment, digest: str) -> _Look | None:
        known = self._looks.get(model.metadata.uid)
        return known.get(digest) if known is not None else None

    async def _look(
        self,
        model: AIModelDeployment,
        digest: str,
        template: Mapping[str, Any],
        now: datetime,
        *,
        stands_by: bool = False,
    ) -> _Look:
        missing = [
            str(ref)[:1024]
            for ref in references(template)
            if not await self._references.exists(model.metadata.namespace, ref)
        ]
        known = self._looks.setdefault(model.metadata.uid, OrderedDict())
        known[digest] = found = _Look(tuple(missing[:32]), now, stands_by)
        known.move_to_end(digest)
        while len(known) > KEPT:
            known.popitem(last=False)
        return found


def _is_old(last: _Look, now: datetime, every: timedelta) -> bool:
    return now >= last.at + (LOOK_AGAIN if last.missing else every)


def _every(model: AIModelDeployment) -> timedelta:
    """How old a look at the version that stands by may be: it is soon needed where the one that serves is breached."""
    breached = model.status is not None and bool(model.status.serving_breaches)
    return LOOK_AGAIN if breached else STANDBY_LOOK

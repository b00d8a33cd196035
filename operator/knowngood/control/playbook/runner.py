"""Runs the steps of the playbook over incidents about what serves.

This hangs on no look and on no pass, and none of them waits for it: a step that hangs delays nobody who is contained.
Both this and the passes replace the status of exactly the incident that they have seen, as the exports do: whoever
comes second is refused, and decides anew on what the other one has written.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from knowngood.api.v1alpha1 import Incident, IncidentStatus
from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.clock import Clock
from knowngood.control.incidents import tell
from knowngood.control.playbook.checks import Case, Check, case_of
from knowngood.control.ports import Fence
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.playbook.steps import Finding, begun, ended, found_at, is_due, unended
from knowngood.errors import ApiError, Changed, Gone, NotLeader, ObserverError

logger = logging.getLogger(__name__)

TICK: Final = 0.5
"""Seconds between two looks at which incidents there are."""

DEADLINE: Final = 20.0
"""Seconds that a step may take."""

AT_ONCE: Final = 3
"""Incidents that are looked into at a time: a common cause opens many, and sources must not be flooded."""

AGAIN: Final = 15.0
"""Seconds after which an incident is looked into again whose steps could not be written down."""

OVERTAKEN: Final = 10
"""How often a status is written anew at once because somebody else has written it meanwhile."""

Change = Callable[[Incident, IncidentStatus], IncidentStatus]


class Playbook:
    """Looks into incidents."""

    def __init__(
        self,
        checks: Mapping[str, Check],
        store: Store,
        writer: Writer,
        fence: Fence,
        clock: Clock,
    ) -> None:
        """Connect.

        Args:
            checks: What each step does, by its name.
            store: The incidents, and their models.
            writer: Takes their statuses.
            fence: Only who may write looks.
            clock: The time.
        """
        self._checks = checks
        self._store, self._writer = store, writer
        self._fence, self._clock = fence, clock
        self._running: dict[str, asyncio.Task[None]] = {}  # by the uid of the incident
        self._waits: dict[str, float] = {}
        self._done: object = None

    async def run(self, ready: asyncio.Event) -> None:
        """Work until cancelled; `ready` is set once the views are filled."""
        await ready.wait()
        async with asyncio.TaskGroup() as group:
            while True:
                for incident in self._next():
                    uid = incident.metadata.uid
                    self._running[uid] = group.create_task(self._look_into(incident))
                await asyncio.sleep(TICK)

    def _next(self) -> list[Incident]:
        """Incidents that are looked into now, the oldest first."""
        self._running = {uid: task for uid, task in self._running.items() if not task.done()}
        try:
            state = (self._fence.term(), self._store.revision("Incident"))
        except NotLeader:
            self._stop()
            return []
        if state == self._done:
            return []
        now, moment = self._clock.now(), self._clock.monotonic()
        incidents: list[Incident] = self._store.all("Incident")
        due = [i for i in incidents if is_due(i, now)]
        if not due:
            self._waits.clear()
            self._done = state
        free = [
            i
            for i in due
            if i.metadata.uid not in self._running
            and self._waits.get(i.metadata.uid, 0.0) <= moment
        ]
        free.sort(key=lambda i: (_detected(i), i.metadata.namespace, i.metadata.name))
        return free[: max(0, AT_ONCE - len(self._running))]

    def _stop(self) -> None:
        """End what runs: who leads next begins it anew."""
        for task in self._running.values():
            task.cancel()
        self._done = None

    async def _look_into(self, incident: Incident) -> None:
        meta = incident.metadata
        now = self._clock.now()
        # Until all of it is written down: what could not be is looked at again, not at once.
        self._waits[meta.uid] = self._clock.monotonic() + AGAIN
        try:
            await self._note(incident, lambda _, status: begun(status, now))
            case = case_of(self._store, incident, now)
        except NotLeader:
            return
        except ApiError as error:
            logger.warning("%s/%s could not be looked into: %s", meta.namespace, meta.name, error)
            return
        except (
            Exception
        ):  # a bug that one incident brings to light must keep nobody else from being contained
            logger.exception("looking into %s/%s failed", meta.namespace, meta.name)
            return
        async with asyncio.TaskGroup() as group:
            for name in unended(incident.status or IncidentStatus()):
                group.create_task(self._step(name, incident, case))

    async def _step(self, name: str, incident: Incident, case: Case | None) -> None:
        """Look at one thing, and write down what came of it; what can not be written down is looked at again."""
        finding = await self._found(name, case)
        now, meta = self._clock.now(), incident.metadata
        try:
            await self._note(incident, lambda seen, status: ended(seen, status, name, finding, now))
        except NotLeader:
            return
        except ApiError as error:
            where = f"{meta.namespace}/{meta.name}"
            logger.warning("%s of %s could not be written down: %s", name, where, error)
        except Exception:  # likewise
            logger.exception("%s of %s/%s failed", name, meta.namespace, meta.name)

    async def _found(self, name: str, case: Case | None) -> Finding:
        """Look at one thing, and say what came of it whatever happens."""
        if case is None:
            return Finding(StepState.SKIPPED, "the model is gone")
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._checks[name](case)
        except TimeoutError:
            return Finding(StepState.FAILED, f"it did not end within {DEADLINE:.0f} s")
        except (ApiError, ObserverError) as error:
            return Finding(StepState.FAILED, str(error))
        except Exception:  # a bug in a step says nothing about the model, and must end nothing
            logger.exception("%s of %s failed", name, case.key)
            return Finding(StepState.FAILED, "it failed; the operator's log says where")

    async def _note(self, incident: Incident, change: Change) -> None:
        """Write into the incident as it is by now; one that is gone is told nothing.

        Raises:
            ApiError: It could not be written, or others write it all the time.
        """
        meta = incident.metadata
        for attempt in range(OVERTAKEN):
            seen: Incident | None = self._store.get("Incident", meta.namespace, meta.name)
            if seen is None or seen.metadata.uid != meta.uid:
                return
            try:
                await tell(self._writer, seen, change(seen, seen.status or IncidentStatus()))
            except Gone:
                return
            except Changed:
                if attempt == OVERTAKEN - 1:
                    raise
            else:
                return


def _detected(incident: Incident) -> float:
    found = found_at(incident.status) if incident.status else None
    return found.timestamp() if found else 0.0

"""The `Objects` port in memory."""

import asyncio
from dataclasses import dataclass, field

from knowngood.decisions.playbook.objects import CronJobSeen, Edited
from knowngood.errors import ApiError


@dataclass
class MemoryObjects:
    """Objects of others, as somebody says.

    Attributes:
        edits: When objects were written, by namespace, kind and name.
        jobs: CronJobs, by namespace.
        refused: What the API server says to whoever asks for a kind, by the kind.
        hangs: Kinds that are never answered.
        asked: Kinds and names that were asked for, in order.
    """

    edits: dict[tuple[str, str, str], Edited] = field(default_factory=dict)
    jobs: dict[str, tuple[CronJobSeen, ...]] = field(default_factory=dict)
    refused: dict[str, ApiError] = field(default_factory=dict)
    hangs: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def edited(self, namespace: str, kind: str, name: str) -> Edited | None:
        """When an object was last written."""
        await self._answer(kind, name)
        return self.edits.get((namespace, kind, name))

    async def cron_jobs(self, namespace: str) -> tuple[CronJobSeen, ...]:
        """The CronJobs of a namespace."""
        await self._answer("CronJob", "")
        return self.jobs.get(namespace, ())

    async def _answer(self, kind: str, name: str) -> None:
        self.asked.append((kind, name))
        if kind in self.hangs:
            await asyncio.Event().wait()
        if kind in self.refused:
            raise self.refused[kind]

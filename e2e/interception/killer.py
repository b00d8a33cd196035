"""Ends the operator's process when a write of its has taken effect and the answer has not come yet."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Self

from e2e.bed.chart import IMAGE, NAMESPACE, operator_image
from e2e.bed.operator import Operator
from e2e.cluster import Cluster
from e2e.interception.proxy import Answer, Call, Proxy, Upstream

Chosen = Callable[[int], bool]
"""Says of a write, by its number from 1, whether the operator dies of it."""

_REFUSED: Final = 400
_EVENTS: Final = "/events"


def always(_: int) -> bool:
    """Every write."""
    return True


def never(_: int) -> bool:
    """No write."""
    return False


def at(number: int) -> Chosen:
    """One write."""
    return number.__eq__


class Killer:
    """Counts the writes to the objects of one namespace, and kills at those that are chosen.

    Not counted: what the API server refuses, what changes nothing (a process that has just started applies once more
    what is so already), dry runs, and Events, which are told as well as may be.

    Attributes:
        writes: What was counted, in order: method and path within the namespace.
        deaths: How often the operator was killed.
    """

    def __init__(self, kill: Callable[[], None]) -> None:
        self.writes: list[str] = []
        self.deaths = 0
        self._kill = kill
        self._where = re.compile(r"(?!)")
        self._chosen: Chosen = never
        self._busy = asyncio.Lock()
        self._life = 0

    @classmethod
    @contextmanager
    def before(cls, cluster: Cluster, operator: Operator) -> Iterator[Self]:
        """Put a single new pod of the operator behind a proxy; at the end there are as many as before, without.

        The address of the API server is what the image says, which the pod's own environment and the chart leave alone.
        """
        image = operator_image()
        killer = cls(lambda: cluster.kill_pod(NAMESPACE, operator.leader, excused=True))
        proxy = Proxy(cluster.doorway("interception"), killer)
        with proxy.serving():
            address = {
                "KUBERNETES_SERVICE_HOST": proxy.host,
                "KUBERNETES_SERVICE_PORT": str(proxy.port),
            }
            cluster.set_image(IMAGE, image.argv, {**image.env, **address})
            try:
                with operator.scaled(1):
                    operator.replace()
                    yield killer
            finally:
                killer.at_writes_in("", never)
                cluster.set_image(IMAGE, image.argv, image.env)
                operator.replace()

    def at_writes_in(self, namespace: str, chosen: Chosen) -> None:
        """Count from 1 again, the writes in this namespace, and kill at those that are chosen."""
        self.writes, self.deaths, self._chosen = [], 0, chosen
        self._where = re.compile(rf"/apis?/.*namespaces/{re.escape(namespace)}/(?P<object>.+)")

    async def write(self, call: Call, upstream: Upstream) -> Answer | None:
        """Pass a write on. What a process asks for after the write that it dies of is not carried out."""
        name = self._counted(call)
        if name is None:
            return await upstream.carry_out()
        life = self._life
        async with self._busy:  # one at a time, so that it is clear which one was the last
            if life != self._life:
                return None
            answer, changed = await _watched(call, upstream)
            if not changed:
                return answer
            self.writes.append(name)
            if not self._chosen(len(self.writes)):
                return answer
            await asyncio.to_thread(self._kill)
            self.deaths += 1
            self._life += 1
            return None

    def _counted(self, call: Call) -> str | None:
        found = self._where.match(call.path)
        if found is None or _EVENTS in call.path or "dryRun" in call.query:
            return None
        return f"{call.method} {found['object']}"


async def _watched(call: Call, upstream: Upstream) -> tuple[Answer, bool]:
    """Let a write be carried out, and say whether it has changed anything."""
    path = call.path.removesuffix("/status")
    before = "" if call.method == "POST" else await upstream.version(path)
    answer = await upstream.carry_out()
    if answer.status >= _REFUSED:
        return answer, False
    return answer, call.method == "POST" or before != await upstream.version(path)

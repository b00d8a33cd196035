"""Sources side by side: a look goes on with what came in time, and what comes late is taken by a later look.

So one slow source delays nobody who reads another one, and is not asked again before it has answered.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from knowngood.control.ports import Signals
from knowngood.control.reading import Answers, Slot, Source, read, slot_of
from knowngood.signals.planning import Need

logger = logging.getLogger(__name__)

IN_TIME: Final = 1.0
"""Seconds that a look waits for a source, unless it was late the last time: then it does not wait at all."""

PATIENCE: Final = 10.0
"""Seconds after which what is still waited for counts as not to be read."""

Readings = Mapping[Need, Answers]
"""What has come; a need that is absent is still waited for, or was not asked in the round that came."""


@dataclass(frozen=True, slots=True)
class _Round:
    """All queries to one source at one instant."""

    at: float
    began: float
    needs: frozenset[Need]
    task: asyncio.Task[Mapping[Slot, Answers]]
    ended: list[float]


class Rounds:
    """Reads every source in rounds of its own."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._running: dict[str, _Round] = {}
        self._late: set[str] = set()

    async def read(self, wanted: Sequence[Source], now: float) -> Readings:
        """Ask what is needed, and return what came since the last call, too.

        Args:
            wanted: Needs of all models; the same template always has the same source.
            now: The instant of evaluation, unix seconds.
        """
        by_source: dict[str, list[Source]] = defaultdict(list)
        for one in wanted:
            by_source[one.source].append(one)
        for source in self._running.keys() - by_source.keys():
            self._running.pop(source).task.cancel()
        for source, sources in by_source.items():
            if source not in self._running:
                self._running[source] = self._begin(sources, now)
        waited = [r.task for name, r in self._running.items() if name not in self._late]
        if waited:
            await asyncio.wait(waited, timeout=IN_TIME)
        found: dict[Need, Answers] = {}
        for source, sources in by_source.items():
            found |= self._take(source, [one.need for one in sources], now)
        return found

    def forget(self) -> None:
        """Give up what is under way."""
        for running in self._running.values():
            running.task.cancel()
        self._running, self._late = {}, set()

    def _begin(self, sources: Sequence[Source], now: float) -> _Round:
        loop, ended = asyncio.get_running_loop(), list[float]()
        task = loop.create_task(read(self._signals, sources, now))
        task.add_done_callback(lambda _: ended.append(loop.time()))
        return _Round(now, loop.time(), frozenset(one.need for one in sources), task, ended)

    def _take(self, source: str, needs: Iterable[Need], now: float) -> dict[Need, Answers]:
        running = self._running[source]
        if not running.task.done():
            self._late.add(source)
            if now - running.at <= PATIENCE:
                return {}
            text = f"source {source} has not answered for {PATIENCE:.0f} s"
            return {need: Answers(error=text, asked=now) for need in needs}
        del self._running[source]
        if any(ended - running.began > IN_TIME for ended in running.ended):
            self._late.add(source)
        else:
            self._late.discard(source)
        try:
            answers = running.task.result()
        except Exception:  # a bug that one source brings to light must blind nobody else
            logger.exception("reading source %s failed", source)
            text = f"reading source {source} failed; the operator's log says where"
            return {need: Answers(error=text, asked=now) for need in needs}
        return {n: answers[slot_of(n, running.at)] for n in needs if n in running.needs}

"""A dead man's switch: says outside, again and again, that Knowngood watches.

Whoever is outside calls people when it hears nothing for a while, and needs nothing of Knowngood for that. So silence
has to mean something: nothing is said while nobody leads, while the leader does not look, and while no receiver takes
what people have to know, for then this is the only way left to call somebody.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from knowngood.clock import Clock
from knowngood.control.ports import Fence
from knowngood.errors import NotLeader, ReceiverAway, ReceiverRefused
from knowngood.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

TICK: Final = 1.0
"""Seconds between two looks at whether it is time: who begins to lead says so at once."""


UNSEEN: Final = 30.0
"""Seconds without a look at the signals after which people should be called."""

UNTOLD: Final = 600.0
"""Seconds in which no receiver takes what people have to know; likewise."""


def unwell(unseen: float, untold: float) -> str:
    """Say why people should be called from outside; empty while all is well.

    Args:
        unseen: Seconds since the last look at the signals began.
        untold: Seconds for which no receiver has taken what there is to tell.
    """
    if unseen > UNSEEN:
        return f"the loop has not looked for {UNSEEN:.0f} s"
    if untold > UNTOLD:
        return f"no receiver has taken what there is to tell for {UNTOLD:.0f} s"
    return ""


class Outside(Protocol):
    """Whoever listens."""

    async def beat(self) -> None:
        """Say that all is well; returns once it was heard, within a deadline of its own.

        Raises:
            ReceiverAway: It was not heard.
            ReceiverRefused: It will not be heard.
        """
        ...


class Pulse:
    """Beats while this process leads and is well."""

    def __init__(  # noqa: PLR0917  - who listens, when, and on what it hangs: none of them stands for another
        self,
        outside: Outside,
        every: float,
        unwell: Callable[[], str],
        fence: Fence,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        """Put it together.

        Args:
            outside: Whoever listens.
            every: Seconds between two beats.
            unwell: Says why people should be called; empty while all is well.
            fence: Only who may write beats.
            clock: The time.
            metrics: Where beats are counted.
        """
        self._outside, self._every, self._unwell = outside, every, unwell
        self._fence, self._clock, self._metrics = fence, clock, metrics
        self._due = clock.monotonic()
        self._said = ""

    async def run(self, ready: asyncio.Event) -> None:
        """Work until cancelled; `ready` is set once the views are filled."""
        await ready.wait()
        while True:
            try:
                await self._look()
            except (
                Exception
            ):  # a bug here must not end the process that contains models; the silence is heard
                logger.exception("the dead man's switch failed")
            await asyncio.sleep(TICK)

    async def _look(self) -> None:
        now = self._clock.monotonic()
        try:
            self._fence.term()
        except NotLeader:
            self._due = now
            return
        if now < self._due:
            return
        self._due = now + self._every
        why = self._unwell() or await self._beaten()
        if why and why != self._said:
            logger.warning("the dead man's switch hears nothing: %s", why)
        self._said = why

    async def _beaten(self) -> str:
        """Beat; returns why that was not heard, empty when it was."""
        try:
            await self._outside.beat()
        except (ReceiverAway, ReceiverRefused) as error:
            self._metrics.notifying.unheard.inc()
            return str(error)
        self._metrics.notifying.beats.inc()
        return ""

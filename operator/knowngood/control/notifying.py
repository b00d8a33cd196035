"""Tells every receiver what incidents are, beside everything else: one that is dead must delay nothing."""

import asyncio
from collections.abc import Mapping

from knowngood.control.escalations import Escalations
from knowngood.control.receivers import Receiver
from knowngood.control.telling import Means, Outbox
from knowngood.messages.message import Audience


class Notifier:
    """Tells all receivers, each on its own."""

    def __init__(self, receivers: Mapping[str, tuple[Receiver, Audience]], means: Means) -> None:
        """Put it together.

        Args:
            receivers: All that are configured, and who reads there, by name.
            means: What it needs.
        """
        self._means = means
        self._outboxes = [Outbox(n, r, audience, means) for n, (r, audience) in receivers.items()]
        self._kept = Escalations(means.store, means.writer, means.fence, means.clock)

    async def run(self, ready: asyncio.Event) -> None:
        """Work until cancelled; `ready` is set once the views are filled."""
        await ready.wait()
        if not self._outboxes:
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._kept.run())
            for outbox in self._outboxes:
                group.create_task(outbox.run())

    def silence(self) -> float:
        """Seconds for which no receiver has taken what there is to tell; 0 where one has, or none is configured."""
        if not self._outboxes:
            return 0.0
        now = self._means.clock.now()
        return min(outbox.lag(now) for outbox in self._outboxes)

    def measure(self) -> None:
        """Show how long the oldest message waits that a receiver has not taken yet."""
        now = self._means.clock.now()
        for outbox in self._outboxes:
            self._means.metrics.notifying.lag(outbox.name, outbox.lag(now))

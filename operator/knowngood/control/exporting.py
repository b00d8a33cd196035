"""Tells every SIEM what incidents say and what people command, beside all else: one that is dead must delay nothing."""

import asyncio
from collections.abc import Mapping

from knowngood.control.feeding import Feed, Means
from knowngood.control.sinks import Sink


class Exporter:
    """Feeds all sinks, each on its own."""

    def __init__(self, sinks: Mapping[str, Sink], means: Means) -> None:
        self._means = means
        self._feeds = [Feed(name, sink, means) for name, sink in sinks.items()]

    async def run(self, ready: asyncio.Event) -> None:
        """Work until cancelled; `ready` is set once the views are filled."""
        await ready.wait()
        async with asyncio.TaskGroup() as group:
            for feed in self._feeds:
                group.create_task(feed.run())

    def measure(self) -> None:
        """Show how long the oldest entry waits that a sink has not taken yet."""
        now = self._means.clock.now()
        for feed in self._feeds:
            self._means.metrics.export_lag(feed.name, feed.lag(now))

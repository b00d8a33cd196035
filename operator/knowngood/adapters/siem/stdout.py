"""The `Sink` port on standard output, for whatever collects the logs of pods."""

import asyncio
from collections.abc import Sequence
from typing import BinaryIO

from knowngood.errors import SinkAway
from knowngood.exporting.books import Told
from knowngood.exporting.formats import line, written
from knowngood.sinks.sink import SinkConfig


class StdoutSink:
    """Writes one record a line."""

    def __init__(self, config: SinkConfig, out: BinaryIO) -> None:
        self._config = config
        self._out = out

    async def send(self, records: Sequence[Told]) -> None:
        """Write records, in a thread: whoever reads may be slow."""
        form, team = self._config.format, self._config.team
        text = "".join(f"{line(written(record, form, team))}\n" for record in records)
        try:
            await asyncio.to_thread(self._write, text.encode())
        except OSError as error:
            raise SinkAway(f"standard output: {error.strerror}") from error

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._out.flush()

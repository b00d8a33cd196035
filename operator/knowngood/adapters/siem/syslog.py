"""The `Sink` port on syslog over TLS (RFC 5425): RFC 5424 messages, each with its length before it (RFC 6587, 3.4.1).

Syslog has no word for "taken". So each batch has a connection of its own, and counts as taken when the server has
answered the end of it: whoever has read that has read what came before.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from knowngood.adapters.siem.delivery import deliver
from knowngood.api.v1alpha1 import Severity
from knowngood.errors import SinkAway
from knowngood.exporting.books import Told
from knowngood.exporting.formats import line, written
from knowngood.exporting.texts import instant
from knowngood.sinks.sink import Facility, SinkConfig, Syslog
from knowngood.sources.trust import Trust

_LOCAL0: Final = 16
_SEVERITIES: Final = {Severity.CRITICAL: 2, Severity.HIGH: 3, Severity.MEDIUM: 4, Severity.LOW: 5}
_UNKNOWN: Final = 5
_HOST: Final = 255


class SyslogSink:
    """Sends to one server."""

    def __init__(self, config: SinkConfig, syslog: Syslog, host: str) -> None:
        self._config = config
        self._syslog = syslog
        self._host = _plain(host)
        self._trust = Trust(syslog.tls, SinkAway)

    async def send(self, records: Sequence[Told]) -> None:
        """Send records over a connection of their own, and see it closed by the other side."""
        syslog = self._syslog
        data = b"".join(map(self._framed, records))
        try:
            async with asyncio.timeout(syslog.deadline):
                await deliver(
                    data,
                    (syslog.host, syslog.port),
                    self._trust.context(),
                    syslog.server_name or syslog.host,
                )
        except TimeoutError as error:
            raise SinkAway(
                f"{self._where} has not taken it within {syslog.deadline:g} s"
            ) from error
        except OSError as error:
            why = getattr(error, "reason", None) or error.strerror or type(error).__name__
            raise SinkAway(f"{self._where} does not take it: {why}") from error

    @property
    def _where(self) -> str:
        return f"{self._syslog.host}:{self._syslog.port}"

    def _framed(self, record: Told) -> bytes:
        config = self._config
        text = line(written(record, config.format, config.team))
        level = _SEVERITIES[record.severity] if record.severity else _UNKNOWN
        facility = _LOCAL0 + [*Facility].index(self._syslog.facility)
        at = instant(record.at)
        message = f"<{facility * 8 + level}>1 {at} {self._host} knowngood - {record.kind} - {text}".encode()
        return f"{len(message)} ".encode() + message


def _plain(host: str) -> str:
    """A name as the header takes it: printable, and without spaces."""
    return "".join(c if "!" <= c <= "~" else "-" for c in host)[:_HOST] or "-"

"""The `Sink` port on an HTTP Event Collector: the records of one request are taken together or not at all."""

import json
from collections.abc import Sequence
from typing import Any, Final

import aiohttp

from knowngood.errors import SinkAway, SinkError, SinkRefused
from knowngood.exporting.books import Told
from knowngood.exporting.formats import line, written
from knowngood.sinks.sink import SinkConfig, SplunkHEC
from knowngood.sources.credentials import line_of
from knowngood.sources.source import SourceProblem
from knowngood.sources.trust import Trust

PATH: Final = "/services/collector/event"
LARGEST_ANSWER: Final = 1 << 16
OK: Final = 200
TOO_LARGE: Final = 413
FAULTS_OF_RECORDS: Final = frozenset({5, 6, 12, 13, 15})
"""Codes with which a collector says that what it was sent is wrong, and not who sent it or when."""


class SplunkSink:
    """Sends to one collector."""

    def __init__(self, config: SinkConfig, hec: SplunkHEC) -> None:
        self._config = config
        self._hec = hec
        self._trust = Trust(hec.tls, SinkAway)

    async def send(self, records: Sequence[Told]) -> None:
        """Send records in one request; a redirect is not followed, for the token is meant for one host."""
        hec = self._hec
        try:
            token = line_of(hec.token_file, "splunkHEC.tokenFile")
        except SourceProblem as problem:
            raise SinkAway(str(problem)) from problem
        body = "".join(self._event(record) for record in records).encode()
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=hec.deadline)) as session,
                session.post(
                    f"{hec.url}{PATH}",
                    data=body,
                    headers={
                        "Authorization": f"Splunk {token}",
                        "Content-Type": "application/json",
                    },
                    ssl=self._trust.context(),
                    allow_redirects=False,
                ) as response,
            ):
                answer = await response.content.read(LARGEST_ANSWER)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise SinkAway(f"{hec.url} does not answer: {_words(error)}") from error
        if response.status != OK:
            raise _judged(hec.url, response.status, answer)

    def _event(self, record: Told) -> str:
        config, hec = self._config, self._hec
        event = {
            "time": f"{record.at.timestamp():.6f}",
            "source": "knowngood",
            "event": written(record, config.format, config.team),
            **({"index": hec.index} if hec.index else {}),
            **({"sourcetype": hec.sourcetype} if hec.sourcetype else {}),
        }
        return line(event)


def _judged(url: str, status: int, answer: bytes) -> SinkError:
    """Tell what is wrong with the records from everything else; what the collector says may hold anything."""
    code = _code(answer)
    words = f"{url} answers HTTP {status}" + (f", code {code}" if code is not None else "")
    wrong = status == TOO_LARGE or code in FAULTS_OF_RECORDS
    return SinkRefused(words) if wrong else SinkAway(words)


def _code(answer: bytes) -> int | None:
    try:
        found: Any = json.loads(answer)
    except ValueError:
        return None
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, int) else None


def _words(error: BaseException) -> str:
    """Say what went wrong in one word: a text may hold what was sent."""
    cause = getattr(error, "os_error", None) or error
    return getattr(cause, "strerror", None) or type(cause).__name__

"""One signal source: a few worker threads, its credentials, and what is done when it does not answer."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import Any, Final

import requests
from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException
from urllib3.util.retry import Retry

from knowngood.adapters.prometheus.breaker import Breaker
from knowngood.adapters.prometheus.session import Redirected, SourceSession, TooLarge
from knowngood.adapters.prometheus.words import hide, steady
from knowngood.errors import ObserverError, QueryRefused
from knowngood.sources.credentials import Credentials, credentials_of
from knowngood.sources.source import Source, SourceProblem

PROBE: Final = "vector(1)"
GRACE: Final = 0.5
"""Seconds that a thread has to notice by itself that its time is over."""

_UNAUTHORIZED: Final = frozenset({401, 403, 407})
_WISHES: Final = frozenset({429, 503})
_SERVER_ERROR: Final = 500
_FAILED: Final = (
    requests.RequestException,
    PrometheusApiClientException,
    ValueError,
    LookupError,
    TypeError,
    RecursionError,  # JSON that is nested too deep to be parsed
)


class _Fault(Enum):
    """Whose fault it is that there is no answer."""

    SOURCE = auto()
    QUERY = auto()
    ANSWER = auto()


class _Failure(Exception):
    """There is no answer, and why; `wish` is how many seconds of peace the source asks for."""

    def __init__(self, fault: _Fault, words: str, wish: float | None = None) -> None:
        super().__init__(words)
        self.fault = fault
        self.wish = wish


class Endpoint:
    """Asks one source.

    Attributes:
        queries: How many were sent, probes among them.
    """

    def __init__(
        self,
        name: str,
        source: Source,
        *,
        jitter: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = f"source {name}"
        self._source = source
        self._monotonic = monotonic
        self._slots = asyncio.Semaphore(source.in_flight)
        self._gate = asyncio.Lock()
        self._threads = ThreadPoolExecutor(source.in_flight, thread_name_prefix=f"source-{name}")
        self._local = threading.local()
        self._breaker = Breaker(jitter)
        self._shown = Credentials()
        self.queries = 0

    @property
    def well(self) -> bool:
        """Whether the last thing that was heard of it was an answer."""
        return self._breaker.well

    async def ask(self, promql: str, at: float) -> Any:
        """Return the `result` of an instant query at `at` (unix seconds).

        Raises:
            QueryRefused: The source is well and does not take the query; its own words.
            ObserverError: It did not answer, only in part, or is not asked for now.
        """
        async with self._slots:
            credentials = self._credentials()
            async with self._gate:  # who comes during a probe waits for what becomes of it
                if refusal := self._breaker.refusal(promql, self._monotonic()):
                    raise ObserverError(refusal)
                if self._breaker.in_doubt:
                    await self._send(PROBE, at, credentials, probe=True)
            return await self._send(promql, at, credentials)

    def close(self) -> None:
        """End the worker threads; a request in flight is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _credentials(self) -> Credentials:
        try:
            found = credentials_of(self._source)
        except SourceProblem as problem:
            raise ObserverError(f"{self._name}: {problem}") from problem
        if found != self._shown:
            # New ones are tried at once: what became of those before says nothing.
            self._shown = found
            self._breaker.renewed()
        return found

    async def _send(
        self, promql: str, at: float, credentials: Credentials, *, probe: bool = False
    ) -> Any:
        self.queries += 1
        loop, breaker = asyncio.get_running_loop(), self._breaker
        work = loop.run_in_executor(self._threads, self._work, promql, at, credentials)
        try:
            async with asyncio.timeout(self._source.deadline + GRACE):
                result = await work
        except (TimeoutError, _Failure) as error:
            failure = error if isinstance(error, _Failure) else self._late()
            refused = failure.fault is _Fault.QUERY and not probe
            if probe:
                breaker.probe_failed(self._monotonic(), str(failure), failure.wish)
            elif failure.fault is _Fault.SOURCE:
                breaker.failed(promql, self._monotonic(), str(failure), failure.wish)
            else:
                breaker.answered(promql)
            raise (QueryRefused if refused else ObserverError)(str(failure)) from failure
        except BaseException:
            # However a probe ends, it has not been answered: without a pause each query would send the next one.
            if probe:
                breaker.probe_failed(self._monotonic(), breaker.words)
            raise
        if probe:
            breaker.probed()
        else:
            breaker.answered(promql)
        return result

    def _work(self, promql: str, at: float, credentials: Credentials) -> Any:
        """Ask, in a worker thread."""
        connection, session = self._connection(credentials)
        parameters = {"time": f"{at:.3f}", "timeout": f"{self._source.deadline * 1000:.0f}ms"}
        try:
            result = connection.custom_query(promql, params=parameters)
        except _FAILED as error:
            raise self._why(error, session, credentials) from error
        if session.warnings:
            text = steady(hide("; ".join(session.warnings), credentials.secrets))
            raise _Failure(_Fault.ANSWER, f"{self._name} answered only in part: {text}")
        return result

    def _connection(self, credentials: Credentials) -> tuple[PrometheusConnect, SourceSession]:
        """Connect once for each thread, and anew when certificates or keys have changed."""
        kept: tuple[object, PrometheusConnect, SourceSession] | None
        kept = getattr(self._local, "kept", None)
        if kept is None or kept[0] != credentials.tls:
            if kept is not None:
                kept[2].close()
            session = SourceSession(self._source)
            retry = Retry(total=0, read=False)
            connection = PrometheusConnect(url=self._source.url, session=session, retry=retry)
            self._local.kept = kept = (credentials.tls, connection, session)
        kept[2].show(credentials)
        return kept[1], kept[2]

    def _why(self, error: Exception, session: SourceSession, shown: Credentials) -> _Failure:
        name, source = self._name, _Fault.SOURCE
        if isinstance(error, requests.Timeout):
            return self._late()
        if isinstance(error, Redirected):
            return _Failure(
                source, f"{name} redirects to {error}, where nobody follows; mend its url"
            )
        if isinstance(error, TooLarge):
            return _Failure(_Fault.ANSWER, f"{name} answered with more than can be read")
        if isinstance(error, requests.exceptions.SSLError):
            return _Failure(source, f"{name}: there is no TLS connection: {steady(str(error))}")
        if isinstance(error, requests.ConnectionError):
            return _Failure(source, f"{name} cannot be reached")
        return self._answered(error, session, shown)

    def _answered(self, error: Exception, session: SourceSession, shown: Credentials) -> _Failure:
        """Judge an answer that is none."""
        name, status = self._name, session.status
        wish = session.wish if status in _WISHES else None
        if status in _UNAUTHORIZED:
            return _Failure(
                _Fault.SOURCE, f"{name} does not accept its credentials (HTTP {status})"
            )
        if session.error:
            fault = _Fault.SOURCE if wish is not None or status >= _SERVER_ERROR else _Fault.QUERY
            return _Failure(fault, f"{name}: {steady(hide(session.error, shown.secrets))}", wish)
        # What else it sent is not repeated: it is a page of a proxy, which may show what was shown to it.
        what = f"HTTP {status}" if status else type(error).__name__
        text = f"{name} gave no answer of a Prometheus ({what})"
        return _Failure(_Fault.SOURCE, text, wish)

    def _late(self) -> _Failure:
        text = f"{self._name} did not answer within {self._source.deadline:g} s"
        return _Failure(_Fault.SOURCE, text)

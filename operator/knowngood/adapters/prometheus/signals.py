"""The `Signals` port on Prometheus.

prometheus-api-client is synchronous, so it runs in a few worker threads, each with a connection of its own. What goes
wrong is told in words that do not change from one try to the next: they end up in conditions.
"""

import asyncio
import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import requests
from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException
from urllib3.util.retry import Retry

from knowngood.adapters.prometheus.session import DeadlineSession
from knowngood.control.ports import Vector
from knowngood.errors import ObserverError
from knowngood.signals.planning import Query, QueryKind
from knowngood.signals.series import MalformedAnswer, RawSeries, parse_matrix, parse_vector

IN_FLIGHT: Final = 4
DEADLINE_SECONDS: Final = 3.0
DETAIL_LENGTH: Final = 300

# A word with so many digits that it is an id, a time or an address.
_PASSING: Final = re.compile(r"\b(?=(?:[\w.:-]*?\d){4})[\w.:-]{6,}\b")


class PrometheusSignals:
    """Reads queries from named sources.

    Attributes:
        queries: How many were sent.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        """Prepare connections.

        Args:
            sources: URL by name, from the operator's own configuration: no custom resource can name an endpoint.
        """
        self._sources = dict(sources)
        self._threads = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="prometheus")
        self._local = threading.local()
        self.queries = 0

    async def read(self, source: str, query: Query) -> tuple[RawSeries, ...] | Vector:
        """Ask one query at its instant.

        Raises:
            ObserverError: It could not be answered, or only in part.
        """
        url = self._sources.get(source)
        if url is None:
            known = ", ".join(sorted(self._sources)) or "none"
            raise ObserverError(f"source {source} is not configured; the operator knows: {known}")
        self.queries += 1
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self._threads, self._ask, source, url, query)
        try:
            return parse_vector(result) if query.kind is QueryKind.VALUE else parse_matrix(result)
        except MalformedAnswer as error:
            raise ObserverError(f"source {source}: {error}") from error

    def close(self) -> None:
        """End the worker threads; a request in flight is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, source: str, url: str, query: Query) -> Any:
        connection, session = self._connection(url)
        parameters = {"time": f"{query.at:.3f}", "timeout": f"{DEADLINE_SECONDS:.0f}s"}
        try:
            result = connection.custom_query(query.promql, params=parameters)
        except requests.Timeout as error:
            raise ObserverError(
                f"source {source} did not answer within {DEADLINE_SECONDS:.0f} s"
            ) from error
        except requests.ConnectionError as error:
            raise ObserverError(f"source {source} cannot be reached") from error
        except (
            requests.RequestException,
            PrometheusApiClientException,
            ValueError,
            LookupError,
            TypeError,
        ) as error:
            # The client reads the answer without looking whether it is one: a proxy's page ends as a LookupError.
            text = session.error or f"{type(error).__name__}: {error}"
            raise ObserverError(f"source {source}: {steady(text)}") from error
        if session.warnings:
            text = steady("; ".join(session.warnings))
            raise ObserverError(f"source {source} answered only in part: {text}")
        return result

    def _connection(self, url: str) -> tuple[PrometheusConnect, DeadlineSession]:
        cache: dict[str, tuple[PrometheusConnect, DeadlineSession]] = (
            self._local.__dict__.setdefault("cache", {})
        )
        if url not in cache:
            session = DeadlineSession(DEADLINE_SECONDS)
            cache[url] = (
                PrometheusConnect(url=url, session=session, retry=Retry(total=0, read=False)),
                session,
            )
        return cache[url]


def steady(text: str) -> str:
    """Take out of an error's text what changes from one try to the next: ids, times, addresses.

    The text ends up in a condition, and a condition that changes every second would be written every second.
    """
    return _PASSING.sub("…", text)[:DETAIL_LENGTH]

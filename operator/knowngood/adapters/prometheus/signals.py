"""The `Signals` port on Prometheus.

prometheus-api-client is synchronous, so it runs in worker threads: a few for each source, and none waits for another.
"""

import random
from collections.abc import Callable, Mapping

from knowngood.adapters.prometheus.endpoint import Endpoint
from knowngood.control.ports import Series, Vector
from knowngood.errors import QueryRefused, SourceUnknown
from knowngood.signals.native import parse_native
from knowngood.signals.planning import Query, QueryKind
from knowngood.signals.series import MalformedAnswer, parse_matrix, parse_vector, refuse_later
from knowngood.sources.source import Source


class PrometheusSignals:
    """Reads queries from named sources."""

    def __init__(
        self, sources: Mapping[str, Source], *, jitter: Callable[[], float] = random.random
    ) -> None:
        """Prepare connections.

        Args:
            sources: By name, from the operator's own configuration: no custom resource can name an endpoint.
            jitter: Draws from [0, 1), for the pauses of a source that is away.
        """
        self._endpoints = {
            name: Endpoint(name, source, jitter=jitter) for name, source in sources.items()
        }

    @property
    def queries(self) -> int:
        """How many were sent."""
        return sum(endpoint.queries for endpoint in self._endpoints.values())

    def well(self) -> dict[str, bool]:
        """Say of each source whether the last thing that was heard of it was an answer."""
        return {name: endpoint.well for name, endpoint in self._endpoints.items()}

    async def read(self, source: str, query: Query) -> Series | Vector:
        """Ask one query at its instant.

        Raises:
            SourceUnknown: No source has this name.
            QueryRefused: The source does not take the query, or answers it with what can not be read.
            ObserverError: It could not be answered, or only in part.
        """
        endpoint = self._endpoints.get(source)
        if endpoint is None:
            known = ", ".join(sorted(self._endpoints)) or "none"
            raise SourceUnknown(f"source {source} is not configured; the operator knows: {known}")
        result = await endpoint.ask(query.promql, query.at)
        try:
            return _parsed(result, query)
        except MalformedAnswer as error:
            raise QueryRefused(f"source {source}: {error}") from error

    def close(self) -> None:
        """End the worker threads; a request in flight is not waited for."""
        for endpoint in self._endpoints.values():
            endpoint.close()


def _parsed(result: object, query: Query) -> Series | Vector:
    if query.kind is QueryKind.VALUE:
        return parse_vector(result)
    series: Series = (
        parse_native(result) if query.kind is QueryKind.HISTOGRAMS else parse_matrix(result)
    )
    refuse_later(query.at, series)
    return series

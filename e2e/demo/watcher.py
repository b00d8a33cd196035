"""Looks at the cluster about once a second, in a thread of its own."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import requests

from e2e.cluster import Cluster
from e2e.cluster.errors import ClusterError
from e2e.demo.judgement import QUERY, Judgement, judgements
from e2e.demo.observation import Observation, observe

_EVERY_S: Final = 0.8
_KINDS: Final = "aimodeldeployments.knowngood.dev,incidents.knowngood.dev,events"


@dataclass(frozen=True, slots=True)
class View:
    """What was seen at the last look.

    Attributes:
        model: The model.
        judgements: What the triggers say.
        trouble: Why the last look failed; empty if it did not.
    """

    model: Observation = field(default_factory=Observation)
    judgements: Sequence[Judgement] = ()
    trouble: str = ""


class Watcher:
    """Keeps the latest view of one model; `seen` is called after each look, in the thread."""

    def __init__(
        self, cluster: Cluster, namespace: str, model: str, seen: Callable[[View], None]
    ) -> None:
        self.view = View()
        self._cluster = cluster
        self._namespace = namespace
        self._model = model
        self._seen = seen
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # the cluster is here, whatever proxy is set
            while not self._stop.is_set():
                self.view = self._look(session)
                self._seen(self.view)
                self._stop.wait(_EVERY_S)

    def _look(self, session: requests.Session) -> View:
        try:
            return View(self._observe(), judgements(self._query(session)))
        except (ClusterError, requests.RequestException, ValueError) as error:
            return View(self.view.model, self.view.judgements, f"{type(error).__name__}: {error}")

    def _observe(self) -> Observation:
        printed = self._cluster.kubectl("get", _KINDS, "-n", self._namespace, "-o", "json")
        return observe(json.loads(printed)["items"], self._model)

    def _query(self, session: requests.Session) -> Sequence[Mapping[str, Any]]:
        url = f"{self._cluster.prometheus_url}/api/v1/query"
        reply = session.get(url, params={"query": QUERY.format(model=self._model)}, timeout=5)
        reply.raise_for_status()
        result: Sequence[Mapping[str, Any]] = reply.json()["data"]["result"]
        return result

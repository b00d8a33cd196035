"""Watches all models of the cluster, and notes when each change could be seen."""

import json
import os
import subprocess
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from e2e.cluster import Cluster
from e2e.models.clock import unix_seconds

_WATCH: Final = "/apis/knowngood.dev/v1alpha1/aimodeldeployments?watch=1&timeoutSeconds=14400"
_LOOK_S: Final = 1.0

Place = tuple[str, str]
"""Namespace and name."""


class BenchError(Exception):
    """The measurement cannot go on; the text says what did not happen."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A model as it was seen.

    Attributes:
        at: When, in unix seconds.
        status: Of the object.
    """

    at: float
    status: Mapping[str, Any]

    @property
    def phase(self) -> str:
        """The model's phase; empty before it has one."""
        return str(self.status.get("phase", ""))

    @property
    def rollout(self) -> Mapping[str, Any]:
        """The rollout that runs or failed last."""
        return self.status.get("rollout") or {}


class Witness:
    """Reads one watch of the API server in a thread of its own.

    Attributes:
        stopping: Set when the measurement is given up: everybody who waits here then stops.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._sights: dict[Place, list[Sight]] = defaultdict(list)
        self._news = threading.Condition()
        self.stopping = threading.Event()
        self._process = subprocess.Popen(  # noqa: S603 - kubectl, with words of our own
            [cluster.tools.kubectl, "get", "--raw", _WATCH],
            env={**os.environ, "KUBECONFIG": str(cluster.kubeconfig), "NO_PROXY": "*"},
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C at the terminal is for us, who stop it in order
        )
        self._thread = threading.Thread(target=self._read, name="bench-witness", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()
        self._thread.join()

    def first(
        self, place: Place, matches: Callable[[Sight], bool], what: str, deadline_s: float
    ) -> Sight:
        """Return the first sight of a model that matches, waiting for it if it has not come yet.

        Raises:
            BenchError: the deadline passed, the watch ended, or the measurement was given up.
        """
        end = unix_seconds() + deadline_s
        with self._news:
            while True:
                found = next((sight for sight in self._sights[place] if matches(sight)), None)
                if found is not None:
                    return found
                self._go_on()
                if self._process.poll() is not None:
                    raise BenchError("the watch of the API server has ended")
                if unix_seconds() > end:
                    last = self._sights[place][-1:]
                    raise BenchError(f"{place}: no {what} within {deadline_s:g} s; last: {last}")
                self._news.wait(_LOOK_S)

    def rest(self, seconds: float) -> None:
        """Wait for some seconds.

        Raises:
            BenchError: the measurement was given up.
        """
        self.stopping.wait(max(0.0, seconds))
        self._go_on()

    def forget(self, place: Place) -> None:
        """Drop what was seen of a model, so that an earlier rollout is not taken for a later one."""
        with self._news:
            self._sights.pop(place, None)

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise BenchError("the measurement was given up")

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        for line in self._process.stdout:
            at = unix_seconds()
            body = json.loads(line)["object"]
            meta = body["metadata"]
            with self._news:
                sights = self._sights[meta["namespace"], meta["name"]]
                sights.append(Sight(at, body.get("status") or {}))
                self._news.notify_all()

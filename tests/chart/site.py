"""A cluster as the tests of the chart use it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from e2e.cluster import Cluster
from e2e.cluster.waiting import until

Json = dict[str, Any]


@dataclass(frozen=True)
class Site:
    """One namespace of a cluster.

    Attributes:
        namespace: It is gone when the test has ended.
    """

    cluster: Cluster
    namespace: str

    @classmethod
    @contextmanager
    def make(cls, cluster: Cluster, namespace: str) -> Iterator["Site"]:
        cluster.kubectl("create", "namespace", namespace)
        site = cls(cluster, namespace)
        try:
            yield site
        finally:
            cluster.kubectl("delete", "namespace", namespace, "--wait=false")

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        return self.cluster.kubectl("-n", self.namespace, *args, stdin=stdin)

    def apply(self, *objects: Json) -> None:
        items = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        self.kubectl("apply", "--server-side", "-f", "-", stdin=items)

    def get(self, what: str, *args: str) -> Json:
        """Return an object, or an empty one while there is none."""
        found = self.kubectl("get", what, *args, "--ignore-not-found", "-ojson")
        return dict(json.loads(found)) if found else {}

    def wait(
        self,
        what: str,
        holds: Callable[[Json], object],
        why: str,
        *,
        deadline_s: float = 60,
        diagnose: Callable[[], str] = str,
    ) -> Json:
        """Return an object as soon as something holds of it."""
        last: Json = {}

        def look() -> bool:
            nonlocal last
            last = self.get(what)
            return bool(holds(last))

        until(
            look,
            why,
            deadline_s=deadline_s,
            every_s=0.2,
            diagnose=lambda: f"{json.dumps(last.get('status'), indent=1)}\n{diagnose()}",
        )
        return last

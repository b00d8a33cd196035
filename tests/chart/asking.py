"""Somebody who writes objects of ours, as the API server hears and answers them."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from e2e.cluster import Cluster
from e2e.cluster.errors import KubectlFailed
from knowngood.decisions.commands import COMMAND_ANNOTATION
from knowngood.decisions.people import COMMAND_BY_ANNOTATION
from tests.chart import idle

Json = dict[str, Any]

TAKEN: Final = ""
"""The answer to what is not refused."""


def said(command: str | None = None, by: str | None = None, **other: str) -> dict[str, str]:
    """Return the annotations of a command, and any others."""
    named = {COMMAND_ANNOTATION: command, COMMAND_BY_ANNOTATION: by, **other}
    return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class Place:
    """A namespace, and everybody who may ask for something in it.

    Attributes:
        operator: User name of the operator's ServiceAccount.
    """

    cluster: Cluster
    namespace: str
    operator: str
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def ask(self, who: str, *args: str, stdin: str | None = None) -> str:
        """Ask as somebody; return the words of a refusal in one line, or `TAKEN`."""
        here = ("-n", self.namespace, f"--as={who}") if who else ("-n", self.namespace)
        try:
            self.cluster.kubectl(*here, *args, stdin=stdin)
        except KubectlFailed as error:
            return " ".join(str(error).split())
        return TAKEN

    def create(self, who: str, manifest: Json, *args: str) -> str:
        return self.ask(who, "create", *args, "-f", "-", stdin=json.dumps(manifest))

    def apply(self, who: str, manifest: Json, *args: str) -> str:
        """Apply on the server's side, as GitOps controllers do."""
        text = json.dumps(manifest)
        return self.ask(who, "apply", "--server-side", *args, "-f", "-", stdin=text)

    def patch(self, who: str, what: str, change: Json, *args: str) -> str:
        return self.ask(who, "patch", what, "--type=merge", f"-p={json.dumps(change)}", *args)

    def get(self, what: str) -> Json:
        found: Json = json.loads(self.cluster.kubectl("-n", self.namespace, "get", what, "-ojson"))
        return found

    def manifest(self, annotations: Mapping[str, str] | None = None) -> Json:
        """Return a model that nobody has created yet."""
        made = idle.model(self.namespace)
        made["metadata"]["name"] = f"model-{next(self.numbers)}"
        made["metadata"]["annotations"] = dict(annotations or {})
        return made

    def incident(self, **spec: Any) -> Json:
        """Return an incident that nobody has opened yet."""
        return {
            "apiVersion": "knowngood.dev/v1alpha1",
            "kind": "Incident",
            "metadata": {"name": f"incident-{next(self.numbers)}", "namespace": self.namespace},
            "spec": {"modelRef": {"name": "model", "uid": "u1"}, "origin": "Manual", **spec},
        }

    def has(self, who: str, manifest: Json) -> str:
        """Create an object, which must be taken; return how kubectl names it."""
        assert self.create(who, manifest) == TAKEN
        return f"{manifest['kind']}/{manifest['metadata']['name']}"

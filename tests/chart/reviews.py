"""Asking the API server what somebody may do."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from e2e.cluster import Cluster

Json = dict[str, Any]


class Deed(NamedTuple):
    """Something that a person or a program may want to do.

    Attributes:
        what: Verb and resource, with group and subresource, as in `patch deployments.apps/scale`.
        namespace: Where; empty for the whole cluster.
        name: Of one object; empty for any.
    """

    what: str
    namespace: str = ""
    name: str = ""

    def attributes(self) -> Json:
        """Write it as the API server reads it."""
        verb, resource = self.what.split(" ")
        kind, _, subresource = resource.partition("/")
        plural, _, group = kind.partition(".")
        found = {"verb": verb, "group": group, "resource": plural, "subresource": subresource}
        return {**found, "namespace": self.namespace, "name": self.name}


@dataclass(frozen=True)
class Who:
    """Somebody who asks the API server for something."""

    user: str
    groups: tuple[str, ...] = ("system:authenticated",)

    @classmethod
    def account(cls, namespace: str, name: str) -> "Who":
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
        return cls(f"system:serviceaccount:{namespace}:{name}", (*groups, "system:authenticated"))


def allowed(cluster: Cluster, who: Who, deeds: Iterable[Deed]) -> dict[Deed, bool]:
    """Say which deeds the API server would let somebody do."""
    asked = list(dict.fromkeys(deeds))
    reviews = [
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": who.user,
                "groups": list(who.groups),
                "resourceAttributes": deed.attributes(),
            },
        }
        for deed in asked
    ]
    return dict(
        zip(asked, [r["status"]["allowed"] for r in _create(cluster, reviews)], strict=True)
    )


def rules(cluster: Cluster, who: Who, namespace: str) -> list[Json]:
    """Return every rule by which somebody may do something in a namespace."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    groups = [f"--as-group={group}" for group in who.groups]
    (answer,) = _create(cluster, [review], f"--as={who.user}", *groups)
    assert not answer["status"]["incomplete"]
    return list(answer["status"]["resourceRules"])


def _create(cluster: Cluster, objects: Sequence[Json], *args: str) -> list[Json]:
    text = "\n".join(f"---\n{json.dumps(o)}" for o in objects)
    answer = cluster.kubectl("create", *args, "--validate=false", "-ojson", "-f", "-", stdin=text)
    decoder = json.JSONDecoder()
    found: list[Json] = []
    while answer := answer.strip():
        one, end = decoder.raw_decode(answer)
        found += one["items"] if one["kind"] == "List" else [one]
        answer = answer[end:]
    return found

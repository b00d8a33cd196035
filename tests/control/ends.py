"""What is left at the end of a story, without what may differ from run to run: instants, versions, counts."""

import re
from dataclasses import dataclass
from typing import Any

from tests.control.world import World

_INSTANTS = {
    "annotations",
    "at",
    "baselines",  # counts up to an instant
    "judgedSince",
    "knownGoodSince",
    "nonce",
    "passed",  # what was said at the instant of a step, and instants differ
    "intent",
    "verifiedAt",
    "time",
    "since",
    "until",
    "foundAt",
    "seenAt",
    "hash",
    "startedAt",
    "stepStartedAt",
    "safePathLostAt",
    "safePathRefusedAt",
    "stepAt",
    "takenAt",
    "waitingSince",
    "finishedAt",
    "noticedAt",
    "limitedAt",
    "endedAt",
    "resumingAt",
    "reversedAt",
    "backAt",
    "suspensions",
    "askedAt",
    "grantedAt",
    "overdueAt",
    "shifts",
    "evidenceSince",
    "silentAt",
    "detectedAt",
    "onset",
    "chain",  # hashes are over instants and identities
    "clocks",
    "affected",  # from when to when
    "attained",
    "promotedAt",
    "lastTransitionTime",
    "resourceVersion",
    "uid",
    "deletionTimestamp",
}
_COUNTED = {"message", "text", "summary", "result", "what"}
_COUNTS = {
    "answered",
    "done",  # goes with "step"
    "step",
    "statistic",
    "samples",
    "events",
    "referenceSamples",
    "referenceEvents",
    "estimate",
    "effect",
}
_KINDS = (
    "AIModelDeployment",
    "AIModelVersion",
    "Incident",
    "IncidentPolicy",
    "ClusterSignalTemplate",
)


@dataclass(frozen=True, slots=True)
class End:
    """An end: every object, the route as the gateway does it, who gets copies, and the pods."""

    objects: dict[str, Any]
    route: dict[str, Any]
    copies: dict[str, Any]
    pods: dict[str, int]


def end_of(world: World) -> End:
    """The end; what belongs to a model that is gone is collected by Kubernetes, and not counted."""
    models = {body["metadata"]["uid"] for body in world.server.list("AIModelDeployment")}
    return End(
        objects={
            f"{kind}/{body['metadata']['name']}": _plain(body)
            for kind in _KINDS
            for body in world.server.list(kind)
            if all(o["uid"] in models for o in body["metadata"].get("ownerReferences") or ())
        },
        route={key.name: dict(weights) for key, weights in world.gateway.taken.items()}
        | {
            key.name: {"refs": route.taken[0].refs, "claimed": bool(route.claimant)}
            for key, route in world.gateway.others.routes.items()
        },
        copies={key.name: dict(copies) for key, copies in world.gateway.copied.items() if copies},
        pods={seen.name: seen.replicas for _, seen in world.cluster.deployments.values()},
    )


def _plain(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {
            k: _plain(v, k) for k, v in value.items() if k not in _INSTANTS and k not in _COUNTS
        }
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if name in _COUNTED:
        counted = re.sub(r"(over a million|[0-9][0-9.,:TZ+e-]*)( [0-9]{3}\b)*", "#", value)
        # They are counted within seconds, or not at all where the requests come back before.
        counted = counted.replace(" (# answers at least)", "")
        return re.sub(r"\bonce in # \w+", "once in #", counted)  # days, or years where it is rarer
    return value

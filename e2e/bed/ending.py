"""How a story ended, without what may differ from run to run: instants, identities, counts."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from e2e.bed.room import Room
from e2e.bed.stillness import Still

_INSTANTS: Final = {
    "affected",  # from when to when
    "attained",
    "chain",  # hashes are over instants and identities
    "clocks",
    "at",
    "detectedAt",
    "evidenceSince",
    "finishedAt",
    "foundAt",
    "hash",
    "intent",
    "judgedSince",
    "knownGoodSince",
    "lastTransitionTime",
    "nonce",  # of what a person has asked for, which begins with an instant
    "onset",
    "passed",  # what was said at the instant of a step, and instants differ
    "promotedAt",
    "silentAt",
    "shifts",
    "since",
    "startedAt",
    "stepStartedAt",
    "time",
    "uid",
    "until",
    "verifiedAt",
    "waitingSince",
}
_COUNTS: Final = {
    "answered",
    "done",  # goes with "step"
    "effect",
    "estimate",
    "events",
    "referenceEvents",
    "referenceSamples",
    "samples",
    "statistic",
    "step",
}
_SENTENCES: Final = {"message", "result", "summary", "text", "what"}
_DIGESTED: Final = {"first", "later", "overruled", "test"}
"""What tells triggers by a digest of their text, which names the room."""
_DIGEST: Final = re.compile(r"\b[0-9a-f]{12}$")
_NUMBERS: Final = re.compile(r"(over a million|[0-9][0-9.,:TZ+e-]*)( [0-9]{3}\b)*")
_UNIT: Final = re.compile(r"\b(once in|for) # \w+")
"""Days, or years where it is rarer; seconds, or minutes where it is longer."""
_LOOKED_INTO: Final = "RS.AN"
"""What the steps of the playbook have found: beside all else, so what was so by then, and in which order, is chance."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What is left in a room.

    Attributes:
        model: The status of the AIModelDeployment.
        versions: The status of each AIModelVersion, by version.
        incidents: The status of each Incident, by name.
        route: Weight by Service of each rule.
        replicas: By Deployment.
        services: Their names.
    """

    model: Any
    versions: Mapping[str, Any]
    incidents: Mapping[str, Any]
    route: Any
    replicas: Mapping[str, int]
    services: frozenset[str]

    @classmethod
    def of(cls, room: Room) -> "Ending":
        """Look at a room."""
        versions, incidents = room.find_all("aimodelversions"), room.find_all("incidents")
        route = room.find("httproutes", room.model.name) or {"spec": {}}
        model = room.find("aimodeldeployments", room.model.name) or {}
        return cls(
            model=_plain(_at_home(room, model)),
            versions={v["spec"]["model"]["version"]: _plain(_at_home(room, v)) for v in versions},
            incidents={i["metadata"]["name"]: _plain(_at_home(room, i)) for i in incidents},
            route=[
                {backend["name"]: backend["weight"] for backend in rule["backendRefs"]}
                for rule in route["spec"].get("rules", ())
            ],
            replicas={
                d["metadata"]["name"]: d["spec"]["replicas"] for d in room.find_all("deployments")
            },
            services=frozenset(room.kubectl("get", "services", "-oname").split()),
        )

    def differs_from(self, other: "Ending") -> list[str]:
        """Say where, and how; empty when it does not."""
        return list(_differences("", asdict(other), asdict(self)))


def _at_home(room: Room, body: Mapping[str, Any]) -> Any:
    """The status of an object, with its namespace called the same in every room."""
    return json.loads(json.dumps(body.get("status")).replace(room.name, "here"))


def settled(room: Room, *, for_s: float, deadline_s: float) -> Ending:
    """Return how a story ended, once it has been so for a while.

    Raises:
        NotInTime: something went on and on.
    """
    still = Still(lambda: Ending.of(room))
    room.wait_until(lambda: still.seconds() > for_s, "nothing changes any more", deadline_s)
    return still.last


def _plain(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        left_out = _INSTANTS | _COUNTS | ({"message"} if _tells_how_much_was_seen(value) else set())
        left_out |= {"result"} if name == "steps" else set()
        kept = {k: v for k, v in value.items() if k not in left_out}
        return {k: _plain(v, k) for k, v in kept.items()}
    if isinstance(value, list):
        found = [_plain(v, name) for v in value]
        return _told(found) if name == "timeline" else found
    if name in _DIGESTED and isinstance(value, str):
        return _DIGEST.sub("", value)
    if name not in _SENTENCES:
        return value
    return _UNIT.sub(r"\1 #", _NUMBERS.sub("#", value))


def _told(timeline: list[Any]) -> list[Any]:
    """The entries without their numbers, which say how many came before."""
    kept = (entry for entry in timeline if entry.get("csf") != _LOOKED_INTO)
    return [{k: v for k, v in entry.items() if k != "seq"} for entry in kept]


def _tells_how_much_was_seen(value: Mapping[str, Any]) -> bool:
    """Whether its words hang on how many requests were counted: what a probation lacks, what would have been seen."""
    return value.get("verdict") == "Healthy" or (
        value.get("type") == "KnownGood" and value.get("reason") == "Probation"
    )


def _differences(where: str, want: Any, got: Any) -> list[str]:
    if isinstance(want, dict) and isinstance(got, dict):
        return [
            line
            for key in sorted({*want, *got})
            for line in _differences(f"{where}/{key}", want.get(key), got.get(key))
        ]
    return [] if want == got else [f"{where}: {want!r} became {got!r}"]

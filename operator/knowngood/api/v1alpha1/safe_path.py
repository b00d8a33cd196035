"""Where requests go when no version is to answer: a rules engine, or a person who decides."""

from enum import StrEnum
from typing import Annotated, Final

from knowngood.api.hints import between, cel, checked
from knowngood.api.v1alpha1.scalars import (
    Duration,
    ObjectName,
    Person,
    PortNumber,
    ServiceName,
    Text,
    VersionName,
    Word,
)
from knowngood.api.v1alpha1.shared import PolicyKind
from knowngood.api.v1alpha1.wire import MicroTime, Wire

SAFE_PATH: Final = "safe-path"
"""What the safe path is called wherever shares are named by version: no version may be called so."""

RESERVED: Final = checked(
    cel(f"self != '{SAFE_PATH}'", f"{SAFE_PATH} is no name for a version: the safe path has it")
)
"""Rule for a field that names a version."""

_SAFE: Final = "has(self.fallback) && has(self.fallback.safePath)"
_NAME: Final = "self.fallback.safePath.service.name"
_NAME_PATH: Final = ".fallback.safePath.service.name"

SAFE_PATH_RULES: Final = (
    cel(
        f"!({_SAFE}) || has(self.traffic)",
        "a safe path needs traffic: without a route Knowngood moves nothing",
        path=".fallback.safePath",
    ),
    cel(
        f"!({_SAFE}) || !has(self.serving.services) || !self.serving.services.exists(s, s.name == {_NAME})",
        "this is the Service of a version: a safe path answers without any of them",
        path=_NAME_PATH,
    ),
    cel(
        f"!({_SAFE}) || !has(self.traffic) || !has(self.traffic.routeRef) || !has(self.traffic.routeRef.adopt) || "
        f"self.traffic.routeRef.adopt != {_NAME}",
        "this is the Service that answered before Knowngood did (routeRef.adopt): give the safe path one of its own",
        path=_NAME_PATH,
    ),
)
"""Rules over a model's spec."""

MAX_DURATION: Final = "8h"


class Rung(StrEnum):
    """A rung of the ladder: a KnownGood version, the SafePath, or Hold, which changes nothing."""

    KNOWN_GOOD = "KnownGood"
    SAFE_PATH = "SafePath"
    HOLD = "Hold"


LADDER: Final = (Rung.KNOWN_GOOD, Rung.SAFE_PATH, Rung.HOLD)
"""The ladder where a model does not say another one."""


class AtEnd(StrEnum):
    """What follows when the safe path was taken for as long as it may be.

    Hold: people are told, and nothing moves. Return: the requests go back to the version that serves.
    """

    HOLD = "Hold"
    RETURN = "Return"


class SafeService(Wire):
    """A Service that answers every request with 200, and asks no model."""

    name: ServiceName
    """Name of the Service, in the same namespace. It must be none of the model's own, or of its versions."""

    port: PortNumber = 80
    """Port of the Service that requests are routed to. Default: 80."""


class SafePathSpec(Wire):
    """Where requests go when no version can be trusted with them."""

    service: SafeService
    """The Service that answers: a rules engine, or one that hands every request to a person."""

    max_duration: Annotated[Duration, between("1m", "168h")] = MAX_DURATION
    """For how long it may be taken. Default: 8h."""

    at_end: AtEnd = AtEnd.HOLD
    """What follows then. Hold: people are told, and nothing moves. Return: the requests go back to the version that
    serves, although nothing has shown that it is right again. Default: Hold."""


class SafePathStep(StrEnum):
    """How far it is.

    Named: in the route, with no share yet. Asked: it is to get all requests. Taken: the gateway was seen to send them
    there. Left: they went elsewhere, and it answers its last ones.
    """

    NAMED = "Named"
    ASKED = "Asked"
    TAKEN = "Taken"
    LEFT = "Left"


class SafePathStatus(Wire):
    """The safe path, while requests go there or are to."""

    service: ServiceName
    """The Service."""

    port: PortNumber
    """Its port."""

    step: SafePathStep
    """How far it is: Named, Asked, Taken or Left."""

    version: VersionName
    """The version that served, and is found to be bad."""

    incident: ObjectName | None = None
    """The incident that it is taken for; absent once that is closed."""

    by: Text
    """Who has decided it, in words for people."""

    since: MicroTime
    """When it was decided."""

    step_at: MicroTime
    """When the present step began."""

    taken_at: MicroTime | None = None
    """When the gateway was first seen to send all requests there."""

    until: MicroTime | None = None
    """Until when it may be taken; absent before it is."""

    overdue_at: MicroTime | None = None
    """When people were told that this is over, and nothing moves."""

    failed: bool | None = None
    """Whether it was given up because it did not work; absent where it was not."""

    left_why: Text | None = None
    """Why the requests went elsewhere; absent while they did not."""

    back_at: MicroTime | None = None
    """When the gateway was first seen to send it no request any more, once it was left."""

    back_to: VersionName | None = None
    """The version that the gateway was seen to send all requests to then; absent where more than one gets some."""


class Veto(Wire):
    """What is not asked about, and not done, again, as long as the incident is open that it was said in."""

    action: Word
    """What: ShiftToShadow or SafePath."""

    policy_kind: PolicyKind
    """Kind of the policy of the trigger for which it was asked."""

    policy: ObjectName
    """The policy."""

    trigger: Word
    """The trigger."""

    incident: ObjectName
    """The incident."""

    by: Person | None = None
    """Who said no to another version; about the safe path `why` tells it."""

    at: MicroTime
    """When that was heard."""

    why: Text
    """The same in words for people."""

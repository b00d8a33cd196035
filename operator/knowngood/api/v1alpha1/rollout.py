"""How a new version is rolled out."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from knowngood.api.hints import (
    DURATION_PATTERN,
    between,
    cel,
    exactly_one,
    listed,
    validated_by,
)
from knowngood.api.v1alpha1.scalars import Duration
from knowngood.api.v1alpha1.wire import Wire

_RISING: Final = cel(
    "self.filter(s, has(s.setWeight)).map(s, s.setWeight).isSorted() && "
    "self.filter(s, has(s.setWeight))"
    ".all(a, self.exists_one(b, has(b.setWeight) && b.setWeight == a.setWeight))",
    "setWeight must rise from step to step",
)


_COMPARABLE: Final = cel(
    "self.all(s, !has(s.setWeight) || s.setWeight < 100)",
    "setWeight must be less than 100: a version that answers everybody can not be compared with "
    "another one, and it gets everything by the promotion after the last step",
)
_ANSWERS: Final = cel(
    "size(self) == 0 || self.exists(s, has(s.setWeight))",
    "one step must be a setWeight: a version that has answered nobody can not be judged",
)


_COPIES_FIRST: Final = cel(
    "self.map(s, has(s.setWeight)).indexOf(true) < 0 || self.map(s, has(s.setMirror)).lastIndexOf(true) < "
    "self.map(s, has(s.setWeight)).indexOf(true)",
    "setMirror must come before the first setWeight: a version that answers users needs no copies of their requests",
)


_ANSWERS_FIRST: Final = cel(
    "self.map(s, has(s.pause) && has(s.pause.minSamples)).indexOf(true) < 0 || "
    "self.map(s, has(s.setWeight) || has(s.setMirror)).indexOf(true) < "
    "self.map(s, has(s.pause) && has(s.pause.minSamples)).indexOf(true)",
    "a pause for minSamples must come after the first setWeight or setMirror: it would wait for ever before it",
)


class CanaryReplicas(StrEnum):
    """How many pods a canary gets.

    Proportional to its share of the requests (at least one), or Match the stable version.
    """

    PROPORTIONAL = "Proportional"
    MATCH = "Match"


class OnInconclusive(StrEnum):
    """What is done when a pause is as long as it may be and the evidence is not enough.

    Hold waits on, and asks a person. Promote goes on, as the command promote does. Abort takes the version back, as the
    command abort does.
    """

    HOLD = "Hold"
    PROMOTE = "Promote"
    ABORT = "Abort"


class EndEarly(StrEnum):
    """Whether a pause may end before its time.

    Never, or WhenNonInferior: when every trigger is Healthy, and all that nonInferior asks for is shown.
    """

    NEVER = "Never"
    WHEN_NON_INFERIOR = "WhenNonInferior"


class Pause(Wire):
    """Wait until everything in here is met, and what nonInferior of the triggers asks for is shown.

    An empty pause waits for a person.
    """

    model_config = validated_by(
        cel(
            "!has(self.maxDuration) || has(self.duration) || has(self.minSamples)",
            "maxDuration needs a duration or minSamples: a pause without them waits for a person",
            path=".maxDuration",
        ),
        cel(
            f"!has(self.maxDuration) || !has(self.duration) || !self.maxDuration.matches('{DURATION_PATTERN}') || "
            f"!self.duration.matches('{DURATION_PATTERN}') || duration(self.maxDuration) >= duration(self.duration)",
            "maxDuration must not be shorter than duration",
            path=".maxDuration",
        ),
        cel(
            "!has(self.onInconclusive) || has(self.maxDuration)",
            "onInconclusive needs maxDuration: it says what is done when that is over",
            path=".onInconclusive",
        ),
    )

    duration: Annotated[Duration, between("1s", "168h")] | None = None
    """Wait this long."""

    min_samples: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    """Wait until the canary has answered this many requests in this step."""

    max_duration: Annotated[Duration, between("1s", "168h")] | None = None
    """How long the pause may last before onInconclusive is done. Time in which the signals can not be seen does not
    count. Default: for ever."""

    on_inconclusive: OnInconclusive | None = None
    """What is done then if requests or proof are still missing: Hold waits on and asks a person; Promote goes on; Abort
    takes the version back. Nothing is promoted over a breach or unseen. Default: Hold."""


class Step(Wire):
    """One step of a rollout."""

    model_config = validated_by(exactly_one("setWeight", "setMirror", "pause"))

    set_weight: Annotated[int, Field(ge=1, le=100)] | None = None
    """Give the canary this share of the requests, in percent. Less than 100: the promotion after the
    last step gives it everything."""

    set_mirror: Annotated[int, Field(ge=1, le=100)] | None = None
    """Send the canary a copy of this share of the requests, in percent; nobody sees its answers. It lasts until the
    next setWeight. It needs mirror.sideEffects: None, and a gateway that can."""

    pause: Pause | None = None
    """Wait: for a time, for samples, or for a person when it is empty."""


class Probation(Wire):
    """What a promoted version has to show before it is known good."""

    duration: Annotated[Duration, between("0s", "168h")] = "24h"
    """How long it must have been seen while it answers everybody. Time in which nobody could see it does not count.
    Default: 24h."""

    min_decisions: Annotated[int, Field(ge=1, le=100_000_000)] = 500
    """How many requests it must have answered meanwhile. Default: 500."""

    holdback: Annotated[int, Field(ge=1, le=20)] | None = None
    """Share of the requests, in percent, that the earlier version keeps until probation ends, so that triggers which
    compare with Stable go on comparing both versions in the same minutes. It needs traffic, and clients that stay with
    no version. Default: none; probation is judged against Baseline only."""


class RolloutSpec(Wire):
    """How a new version is rolled out."""

    model_config = validated_by(
        cel(
            "(has(self.endEarly) && self.endEarly == 'WhenNonInferior') == has(self.minDuration)",
            "minDuration and endEarly: WhenNonInferior need each other: leaks, caches and hourly jobs need time, not "
            "requests",
            path=".minDuration",
        ),
        cel(
            "!has(self.probation) || !has(self.probation.holdback) || !has(self.steps) || "
            "self.steps.all(s, !has(s.setWeight) || s.setWeight + self.probation.holdback <= 100)",
            "holdback and the last setWeight must not be more than 100 together: a promotion takes no requests away "
            "from the version that is promoted",
            path=".probation.holdback",
        ),
    )

    steps: Annotated[
        tuple[Step, ...],
        listed(32, rules=(_RISING, _COMPARABLE, _ANSWERS, _COPIES_FIRST, _ANSWERS_FIRST)),
    ] = ()
    """Steps from the first request to the promotion. Default: 5, 25 and 50 percent, each with a
    pause of 10m and 500 samples."""

    end_early: EndEarly = EndEarly.NEVER
    """Whether pauses may end before their duration: Never, or WhenNonInferior, when every trigger that is waited for is
    Healthy and all that nonInferior asks for is shown. Default: Never."""

    min_duration: Annotated[Duration, between("1s", "168h")] | None = None
    """How long a pause lasts at least when it ends early."""

    canary_replicas: CanaryReplicas = CanaryReplicas.PROPORTIONAL
    """How many pods the canary gets: Proportional to its share of the requests, or Match the
    stable version."""

    progress_deadline: Annotated[Duration, between("1s", "24h")] = "10m"
    """How long a step may wait for pods or for the gateway before the canary is taken back."""

    probation: Probation = Probation()
    """What a promoted version has to show before it is known good."""

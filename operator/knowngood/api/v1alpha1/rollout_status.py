"""The status of a rollout."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.epochs import EFFECTS_KEPT, BudgetShares, FixedEffect
from knowngood.api.v1alpha1.rollout_said import PassedTrigger, ProofStatus
from knowngood.api.v1alpha1.rollout_traffic import GivenWeight, Power
from knowngood.api.v1alpha1.scalars import (
    Digest,
    Duration,
    ObjectName,
    Text,
    VersionName,
    Word,
)
from knowngood.api.v1alpha1.shared import (
    Count,
    EvidenceNumbers,
    FailureReason,
    PolicyKind,
    Severity,
)
from knowngood.api.v1alpha1.wire import MicroTime, Wire


class WaitingFor(StrEnum):
    """What a rollout waits for.

    Pods, Route, Gateway, Time, Samples, Proof, Verdict, Person, Data, Thaw, Resume or None.
    """

    PODS = "Pods"
    ROUTE = "Route"
    GATEWAY = "Gateway"
    TIME = "Time"
    SAMPLES = "Samples"
    PROOF = "Proof"
    VERDICT = "Verdict"
    PERSON = "Person"
    DATA = "Data"
    THAW = "Thaw"
    RESUME = "Resume"
    NONE = "None"


Overruled = Annotated[
    str,
    Field(
        min_length=1,
        max_length=600,
        description="Kind and name of a policy, a trigger, and its test's digest.",
    ),
]


class RolloutFailure(Wire):
    """Why the rolled-out version was taken back."""

    reason: FailureReason
    """Why: Breached, Aborted, Manual, Undone, ProgressDeadlineExceeded, EndpointsLost, ContentChanged, Inconclusive or
    Superseded."""

    trigger: Word | None = None
    """The trigger that fired."""

    policy: ObjectName | None = None
    """The policy that the trigger belongs to."""

    policy_kind: PolicyKind | None = None
    """The policy's kind: IncidentPolicy or ClusterIncidentPolicy."""

    policy_generation: Count | None = None
    """The policy's generation when the trigger fired."""

    test: Word | None = None
    """Digest of the trigger's test, and of how its signal was read, when it fired."""

    severity: Severity | None = None
    """How bad it is, as the trigger says."""

    message: Text
    """Why, in words for people."""

    evidence: EvidenceNumbers | None = None
    """The counts behind the decision."""

    onset: MicroTime | None = None
    """When the harm is estimated to have begun."""

    detected_at: MicroTime
    """When the decision was made."""

    incident: ObjectName | None = None
    """The incident that it is told in; absent where it is not worth one."""


Lack = Annotated[
    str, Field(min_length=1, max_length=600, description="A trigger, and what is missing.")
]


class RolloutStatus(Wire):
    """The rollout that runs, or the one that failed last."""

    version: VersionName
    """The version that is rolled out."""

    digest: Digest | None = None
    """The version's digest."""

    step: Count
    """Index of the present step, counted from 0; equal to steps when all are done."""

    steps: Count
    """Number of steps."""

    done: Digest | None = None
    """Digest of the steps that are done. When one of them is edited, the rollout goes on from the highest share that is
    not above the present one."""

    returns: bool | None = None
    """Whether it goes back to a known good version: capacity first, then all requests at once, without steps."""

    started_at: MicroTime
    """When the rollout started."""

    step_started_at: MicroTime
    """When the present step started."""

    evidence_since: MicroTime | None = None
    """When the version was first given requests, or copies of them; evidence is counted from here."""

    mirror: Annotated[int, Field(ge=0, le=100)] = 0
    """Share of the requests that the version gets a copy of, in percent."""

    weights: Annotated[tuple[GivenWeight, ...], listed(32)] = ()
    """Shares of the requests that it was given, the newest last: what it does is compared with them. Absent where
    nobody can tell, or where clients stay with a version."""

    shares: Annotated[tuple[BudgetShares, ...], listed(3, key="use")] = ()
    """How the false alarms that are accepted are shared among the triggers, fixed when the rollout began."""

    design_effects: Annotated[tuple[FixedEffect, ...], listed(EFFECTS_KEPT, key="signal")] = ()
    """How many requests count as one, for each signal of a trigger with designEffect: Auto. It never changes in a
    rollout."""

    planned: Duration | None = None
    """Sum of the pauses of the steps when the rollout began, over which tests spread what they stake. Steps that are
    edited later do not change it."""

    power: Annotated[tuple[Power, ...], listed(64, key="trigger")] = ()
    """What each trigger that acts can see at the model's own traffic."""

    tested: bool | None = None
    """Whether requests of spec.traffic.testTraffic are answered by the version."""

    unseen: Count | None = None
    """Index of a step that a person lets go on although its signals can not be seen."""

    paused: bool | None = None
    """Whether a person has paused it: no further step is taken until the command resume."""

    overruled: Annotated[tuple[Overruled, ...], listed(64)] = ()
    """Triggers that were breached when a person gave the command force. They are not acted on in this rollout, which
    goes straight to the promotion; one whose test is edited acts again."""

    returning: VersionName | None = None
    """The version that answered before the promotion, where that is taken back: it gets its pods first, and then the
    requests."""

    withdrawals: Count = 0
    """How often its requests were taken away because none of its pods was ready. It is taken back after the third."""

    waiting_for: WaitingFor = WaitingFor.NONE
    """What the rollout waits for: Pods, Route, Gateway, Time, Samples, Proof (what nonInferior asks for), Verdict (a
    trigger that is a gate is breached), Person, Data, Thaw, Resume or None."""

    lacks: Annotated[tuple[Lack, ...], listed(32)] = ()
    """What is missing before it goes on, by trigger. There are no numbers in it: those are in the metrics."""

    unseen_for: Duration | None = None
    """For how long the signals could not be seen in this step; maxDuration of a pause is longer by this."""

    proofs: Annotated[tuple[ProofStatus, ...], listed(32)] = ()
    """What was shown: that the version is not worse by a margin."""

    passed: Annotated[tuple[PassedTrigger, ...], listed(32)] = ()
    """What the triggers said when the last pause or gate was passed."""

    waiting_since: MicroTime | None = None
    """When the present wait began."""

    silent_at: MicroTime | None = None
    """When the version that was taken back was counted to have answered its last request; absent while that is not
    known."""

    answered: Count | None = None
    """How many answers its counters show from the onset of the harm, or else the detection, to the last request; absent
    while that is not known, and where it was sent copies, whose answers nobody got."""

    loud: bool = False
    """Whether it is still counted to answer requests, although the route gives it none."""

    failure: RolloutFailure | None = None
    """Why the version was taken back."""

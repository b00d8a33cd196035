"""Everything that one decision about one model may look at: a frozen value, gathered once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    FixedEffect,
    Incident,
    OriginalRule,
    Standing,
    Step,
    Watch,
)
from knowngood.decisions.default_steps import DEFAULT_STEPS
from knowngood.decisions.feeds import FeedView
from knowngood.decisions.gateways import GatewaySupport, Parent
from knowngood.decisions.golden import Tried
from knowngood.decisions.limiting import UNLIMITED, ShiftLimits
from knowngood.decisions.naming import STANDING_LABEL
from knowngood.decisions.serving import ServingView
from knowngood.decisions.sharing import Shared
from knowngood.decisions.spending import NOTHING_SPENT, Spendings
from knowngood.decisions.splits import is_same_split
from knowngood.decisions.trigger_views import TriggerView
from knowngood.decisions.witnessing import Witness


@dataclass(frozen=True, slots=True)
class SpecProblem:
    """Why the desired version cannot be started, in words for the person who wrote it."""

    reason: str
    message: str


def standing_of(record: AIModelVersion) -> Standing | None:
    """Standing of a record; where its status was lost, the label tells it, but a label is no proof of being good."""
    if record.status is not None and record.status.standing is not None:
        return record.status.standing
    label = record.metadata.labels.get(STANDING_LABEL, "")
    standing = Standing(label) if label in set(Standing) else None
    return Standing.PROBATION if standing is Standing.KNOWN_GOOD else standing


@dataclass(frozen=True, slots=True)
class RouteView:
    """What the gateway's route says now.

    Attributes:
        weights: Percent by version, as the route's spec has them; versions that it does not name are absent.
        programmed: The gateway says that it has taken this generation of the route over.
        message: Why not, when it has not.
        problem: Why a route of somebody else can not be used as it is; None for one of ours.
        adopted: The Service that answered before Knowngood did is still in the route.
        original: Where a route of somebody else leads now.
        claimant: Which model says that it uses a route of somebody else.
        copies: Percent of the requests that versions get copies of. Where rules differ, the most that any of them says.
        copied_elsewhere: A rule of somebody else sends copies to a Service of theirs.
        parents: Gateways that the route attaches to.
        sticky: A rule says that clients stay with a backend.
        tested: Versions that answer requests by which people try them.
        uneven: Rules split differently; `weights` then has the most that any of them gives to each.
    """

    weights: Mapping[str, int]
    programmed: bool
    message: str = ""
    problem: SpecProblem | None = None
    adopted: bool = False
    original: tuple[OriginalRule, ...] = ()
    claimant: str = ""
    copies: Mapping[str, int] = field(default_factory=dict)
    copied_elsewhere: bool = False
    parents: tuple[Parent, ...] = ()
    sticky: bool = False
    tested: frozenset[str] = frozenset()
    uneven: bool = False

    def splits(self, weights: Mapping[str, int]) -> bool:
        """Say whether every rule splits the requests as `weights` says."""
        return not self.uneven and is_same_split(weights, self.weights)

    def asks_as(self, other: "RouteView") -> bool:
        """Say whether both ask the gateway for the same, whatever it has made of it."""
        mine = (self.weights, self.copies, self.tested, self.uneven, self.adopted)
        return mine == (other.weights, other.copies, other.tested, other.uneven, other.adopted)


@dataclass(frozen=True, slots=True)
class Situation:
    """A model, its versions and what was seen of them at one instant.

    Attributes:
        now: Aware, UTC.
        versions: The recorded versions by version name.
        ready: Endpoints that are ready to answer, by version.
        route: None when the model declares no traffic: Knowngood watches only.
        digest: Of the desired version, from the spec.
        services: Service by version, of every version that is known.
        problem: Why the desired version cannot be started; None when it can.
        triggers: Of every policy that selects the model; empty while no canary answers anybody.
        samples: Requests that the canary answered since the present step began; None when no signal counts them.
        watch: What each trigger that acts does for a rollout, also while none runs; None while its signal is not there.
        guarded: Whether a policy with a readable signal selects the model, and why not.
        fence: Number of the Lease's term that this process writes under.
        incident: The latest one, when it exists.
        incidents: All that the model's status names and that exist, by name.
        incidents_unread: Those that are there and can not be read, by name, and why: a newer release has written them.
        incidents_taken: The highest number that an incident of this name has, also one of an earlier model.
        frozen: Why no rollout of the model may start or go on; empty when it may.
        taken: Who has taken the route of somebody else that this model refers to; empty when nobody has.
        all_ends: The namespace is being deleted, and everything in it.
        adopted_ready: Endpoints of the adopted Service that are ready; None when none was adopted.
        gateway: What the gateways of the route can do; None while that is being found out, or where nobody asks.
        witness: What a version that was taken back is counted to answer still; None where nobody counts.
        serving: What is known of the version that answers everybody; None while nobody has looked.
        unread: Why a signal of a trigger that acts can not be read before the canary's first request; empty when all
            can, None while nobody has asked.
        effects: How many requests of signals count as one, measured for the rollout that the model's status names.
        spending: Who shares the budgets of false alarms.
        images: Container and image id of the pods that there are, by version.
        missing: What the version that stands by needs and is not there, in words; absent where that is not known.
        tried: What the pods of versions have answered to golden requests in the last minutes, by version.
        shared: What models share that are breached for a trigger, by the trigger; only where this one is breached.
        limits: How often the requests of what serves may be shifted by itself.
        feeds: Objects that feed the model, by name; those that were asked for and could be read.
        people_proved: The API server lets nobody give a command in another name than their own.
    """

    now: datetime
    model: AIModelDeployment
    versions: Mapping[str, AIModelVersion]
    ready: Mapping[str, int]
    route: RouteView | None
    digest: str
    services: Mapping[str, str] = field(default_factory=dict)
    problem: SpecProblem | None = None
    triggers: tuple[TriggerView, ...] = ()
    samples: int | None = None
    watch: Mapping[str, Watch | None] = field(default_factory=dict)
    guarded: SpecProblem | None = None
    fence: int = 0
    incident: Incident | None = None
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    incidents_unread: Mapping[str, str] = field(default_factory=dict)
    incidents_taken: int = 0
    all_ends: bool = False
    frozen: str = ""
    taken: str = ""
    adopted_ready: int | None = None
    images: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tried: Mapping[str, Tried] = field(default_factory=dict)
    shared: Mapping[tuple[str, str, str], tuple[Shared, ...]] = field(default_factory=dict)
    limits: ShiftLimits = UNLIMITED
    feeds: Mapping[str, FeedView] = field(default_factory=dict)
    people_proved: bool = False
    gateway: GatewaySupport | None = None
    witness: Witness | None = None
    unread: str | None = ""
    serving: ServingView | None = None
    effects: tuple[FixedEffect, ...] = ()
    spending: Spendings = NOTHING_SPENT

    @property
    def desired(self) -> str:
        """The version that the spec asks for."""
        return self.model.spec.model.version

    @property
    def steps(self) -> tuple[Step, ...]:
        """The rollout's steps, or the default ones."""
        rollout = self.model.spec.rollout
        return rollout.steps if rollout and rollout.steps else DEFAULT_STEPS

    @property
    def replicas(self) -> int:
        """Pods that carry all of the traffic; 1 where the pods are not ours to count."""
        deployment = self.model.spec.serving.deployment
        return deployment.replicas if deployment else 1

    def ready_of(self, version: str) -> int:
        """Count the endpoints of a version that are ready."""
        return self.ready.get(version, 0)

    def standing_of(self, version: str) -> Standing | None:
        """Standing of a recorded version; None when there is no record."""
        record = self.versions.get(version)
        return standing_of(record) if record else None

    def history_of(self, version: str) -> frozenset[Standing]:
        """Where a recorded version has stood."""
        record = self.versions.get(version)
        passed = record.status.transitions if record and record.status else ()
        return frozenset(t.standing for t in passed)

    def shares(self, weights: Mapping[str, int]) -> bool:
        """Say whether the gateway was seen to split the traffic as `weights` says."""
        if self.route is None:
            return True
        return self.route.programmed and self.route.splits(weights)

    @property
    def sticky(self) -> bool:
        """Whether clients stay with a version that has weight 0, as long as it is in the route."""
        declared = self.model.spec.traffic is not None and self.model.spec.traffic.sticky
        return declared or (self.route is not None and self.route.sticky)

    def does(
        self, weights: Mapping[str, int], percents: Mapping[str, int], tested: str = ""
    ) -> bool:
        """Say whether the gateway was seen to do both, and to let people try this version and no other."""
        tries = self.route is None or self.route.tested == ({tested} if tested else frozenset())
        return tries and self.shares(weights) and self.copies(percents)

    def copies(self, percents: Mapping[str, int]) -> bool:
        """Say whether the gateway was seen to send copies of requests as `percents` says, and to nobody else."""
        if self.route is None:
            return not percents
        return self.route.programmed and dict(self.route.copies) == dict(percents)

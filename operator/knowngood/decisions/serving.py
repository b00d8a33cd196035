"""What is known of the version that answers everybody, since its evidence began."""

from dataclasses import dataclass
from datetime import datetime

from knowngood.api.v1alpha1 import Baseline
from knowngood.decisions.trigger_views import TriggerView


@dataclass(frozen=True, slots=True)
class Covered:
    """What was seen of the signal of a trigger that acts.

    Attributes:
        policy_kind: Of the policy that it is in: two policies may have triggers of the same name.
        policy: Name of that policy.
        trigger: Its name.
        counts: Whether the signal has a sample size.
        seen: Seconds in which it was scraped without a long gap.
        requests: How many were counted.
        needed: How many the trigger needs before it says anything.
        judged: Whether the trigger judges the version that answers everybody.
    """

    policy_kind: str
    policy: str
    trigger: str
    counts: bool
    seen: float
    requests: int
    needed: int
    judged: bool


@dataclass(frozen=True, slots=True)
class ServingView:
    """One look at it.

    Attributes:
        version: Its name.
        since: When its evidence begins.
        triggers: What triggers for the role Stable say, and those that compare it with the version beside it.
        covered: What was seen of the signals of all triggers that act.
        baselines: What its signals have shown so far, as it would be remembered.
        standby: What the same triggers say of the version that stands by, judged alone by its answers to copies.
        better: Whether the version that stands by was seen to answer better since the harm began, by trigger: Breached
            says that the one that serves is worse, on the same requests.
        beside: The version that it is compared with, which keeps a share of the requests; empty where none does.
    """

    version: str
    since: datetime
    triggers: tuple[TriggerView, ...]
    covered: tuple[Covered, ...]
    baselines: tuple[Baseline, ...] = ()
    beside: str = ""
    standby: tuple[TriggerView, ...] = ()
    better: tuple[TriggerView, ...] = ()

"""A route that somebody else changes is put back, told of, and after three times left alone for a while."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from knowngood.api.v1alpha1 import Phase, VerdictKind
from knowngood.decisions.drifting import CORRECTIONS, WITHIN, is_contested
from knowngood.decisions.plan import Plan
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import RouteView, Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, a_trigger, programmed
from tests.decisions.states import STATES

OURS = {"7": 100}
THEIRS = {"7": 50, "8": 50}


class Story:
    """A model at rest whose route is looked at every second."""

    def __init__(self) -> None:
        state = STATES["at rest"]
        self.s = a_situation(state, model=a_model(state, desired="7"))
        self.plans: list[Plan] = []
        self.look(OURS)

    def look(self, weights: Mapping[str, int], *, later: timedelta = timedelta(seconds=1)) -> Plan:
        s = replace(self.s, now=self.s.now + later, route=programmed(weights))
        plan = decide(s)
        self.s = replace(s, model=s.model.model_copy(update={"status": status_of(s, plan)}))
        self.plans.append(plan)
        return plan

    def drift(self) -> Plan:
        """Somebody changes it, and it is put back unless it is contested."""
        plan = self.look(THEIRS)
        if not self.contested:
            self.look(OURS)
        return plan

    @property
    def contested(self) -> bool:
        status = self.s.model.status
        return is_contested(
            self.s, status.phase if status else None, status.traffic if status else None
        )

    def told(self, reason: str) -> int:
        return sum(n.reason == reason for plan in self.plans for n in plan.notices)


def condition(s: Situation, kind: str) -> str:
    assert s.model.status is not None
    return next((f"{c.status} {c.reason}" for c in s.model.status.conditions if c.type == kind), "")


def test_a_changed_route_is_told_of_once_and_put_back() -> None:
    story = Story()
    first = story.look(THEIRS)
    for _ in range(5):
        story.look(THEIRS)  # the write has not been possible yet
    story.look(OURS)

    assert dict(first.shares) == OURS
    assert story.told("RouteDrifted") == 1
    assert not story.contested
    assert condition(story.s, "Ready") == "True Serving"


def test_a_route_that_is_deleted_is_put_back() -> None:
    story = Story()
    plan = story.look({})

    assert [n.reason for n in plan.notices] == ["RouteDrifted"]
    assert "nothing to any version" in plan.notices[0].message


def test_after_three_times_it_is_left_alone_and_said() -> None:
    story = Story()
    for _ in range(CORRECTIONS):
        story.drift()

    assert story.contested
    assert story.told("RouteDrifted") == CORRECTIONS
    for kind in ("Stalled", "Available", "Ready"):
        assert condition(story.s, kind).endswith("RouteContested")
    assert story.plans[-1].wake_at is not None


def test_it_is_put_back_again_when_ten_minutes_have_passed() -> None:
    story = Story()
    for _ in range(CORRECTIONS):
        story.drift()
    story.look(THEIRS, later=WITHIN)

    assert not story.contested
    story.look(OURS)
    assert condition(story.s, "Ready") == "True Serving"


def test_changes_that_are_far_apart_are_no_fight() -> None:
    story = Story()
    for _ in range(3 * CORRECTIONS):
        story.drift()
        story.look(OURS, later=WITHIN / 2)

    assert not story.contested
    assert story.told("RouteContested") == 0


def test_a_rollback_is_written_whoever_fought_before() -> None:
    """Containment does not wait: other weights are tried anew."""
    state = STATES["pausing"]
    s = a_situation(state)
    assert s.model.status is not None
    assert s.model.status.traffic is not None
    traffic = s.model.status.traffic.model_copy(update={"drifts": (s.now,) * CORRECTIONS})
    status = s.model.status.model_copy(update={"traffic": traffic})
    s = replace(s, model=s.model.model_copy(update={"status": status}), route=programmed(THEIRS))
    assert decide(s).blocked is not None
    assert decide(replace(s, route=programmed({"7": 90, "8": 10}))).blocked is None

    breached = replace(s, triggers=(a_trigger(VerdictKind.BREACHED),))
    plan = decide(breached)

    assert plan.phase is Phase.ROLLING_BACK
    written = status_of(breached, plan)
    assert not is_contested(breached, written.phase, written.traffic)
    assert plan.blocked is None


def test_a_route_to_a_version_that_must_not_answer_is_never_left_alone() -> None:
    """Rejected and without pods: a fight is better than that."""
    story = Story()
    for _ in range(CORRECTIONS):
        story.drift()
    assert story.contested

    story.s = replace(story.s, route=programmed({"7": 50, "bad": 50}))
    assert not story.contested
    story.s = replace(story.s, route=programmed(THEIRS), ready={"7": 2, "8": 0})
    assert not story.contested


def test_the_same_shares_in_other_numbers_are_no_drift() -> None:
    story = Story()
    story.look({"7": 1})

    assert story.told("RouteDrifted") == 0
    assert condition(story.s, "Ready") == "True Serving"


def test_our_own_change_is_no_drift() -> None:
    """The gateway shows the weights from before until it has followed."""
    s = a_situation(STATES["first share asked for"], route=programmed({"7": 100}))

    assert "RouteDrifted" not in {n.reason for n in decide(s).notices}


def test_rules_that_split_differently_are_never_as_asked() -> None:
    """The most that any of them gives may happen to be what was asked for."""
    view = RouteView({"7": 90, "8": 10}, programmed=True, uneven=True)

    assert not view.splits({"7": 90, "8": 10})

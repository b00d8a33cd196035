"""Claims about every decision, held against the product of states and observations."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import (
    FailureReason,
    OnInconclusive,
    Phase,
    PolicyMode,
    Standing,
    VerdictKind,
    WaitingFor,
)
from knowngood.decisions.phases import COPIED, EDGES, ROLLING, may_go
from knowngood.decisions.plan import Plan
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import PHASES, decide
from knowngood.decisions.trigger_views import ActionKind
from tests.decisions.situations import BLIND, a_situation, a_trigger
from tests.decisions.states import NOW, STATES
from tests.decisions.walking import (
    before,
    canary_share,
    chosen,
    is_bad_or_unseen,
    offenders,
    phase_of,
    walked,
    withdrawn,
)

pytestmark = pytest.mark.xdist_group("walk")  # so that no more than one process walks


@pytest.fixture(scope="module", autouse=True)
def walk() -> Iterator[None]:
    """Let go of what was walked: it is a gigabyte of objects, which slow down whatever this process tests next."""
    yield
    walked.cache_clear()


def test_every_phase_has_edges_and_a_decision() -> None:
    assert set(EDGES) == set(Phase) == set(PHASES)
    assert {phase_of(s) for s, _ in walked()} == set(Phase)


def test_only_declared_edges_are_taken() -> None:
    assert offenders(lambda s, plan: may_go(phase_of(s), plan.phase)) == []


def test_every_declared_edge_is_taken_somewhere() -> None:
    taken = {(phase_of(s), plan.phase) for s, plan in walked()}

    declared = {(source, target) for source, targets in EDGES.items() for target in targets}
    # From Suspended it goes back to where it was, which each phase has a claim for.
    assert {edge for edge in declared - taken if edge[0] is not Phase.SUSPENDED} == set()


def test_no_more_than_two_versions_ever_answer_and_no_share_is_left_behind() -> None:
    def owned(_: Situation, plan: Plan) -> bool:
        answering = {version for version, share in plan.shares.items() if share > 0}
        owners = {plan.stable, plan.canary, plan.holdback.version if plan.holdback else ""}
        owners |= {plan.rollout.version} if plan.rollout else set()
        # Another first version is wanted, and nobody else could answer instead.
        first = plan.stable == ""
        return len(answering) <= 2 and (first or answering <= owners)

    assert offenders(owned) == []


def test_the_same_situation_gives_the_same_plan() -> None:
    """Held against a part of the walk: to decide all of it again takes as long as all other claims together."""
    assert [plan for s, plan in walked()[::11] if decide(s) != plan] == []


def test_copies_go_to_one_canary_in_its_steps_or_to_one_good_standby_at_rest() -> None:
    """None is left behind in any other phase."""

    def fine(s: Situation, plan: Plan) -> bool:
        for version in plan.copies:
            stepping = plan.phase in {Phase.PROGRESSING, Phase.PAUSED}
            owner = plan.canary if stepping else plan.shadow if plan.phase in COPIED else ""
            if version != owner or plan.shares.get(version, 0) != 0:
                return False
            good = s.standing_of(version) is Standing.KNOWN_GOOD and s.ready_of(version) > 0
            if not stepping and not good:
                return False
        return len(plan.copies) <= 1

    assert offenders(fine) == []


def is_dead_and_replaceable(s: Situation) -> bool:
    """Nobody answers for the canary, and somebody could: where both are breached it loses its requests all the same."""
    return s.ready_of("8") == 0 and s.ready_of("7") > 0


def test_a_breach_that_cannot_be_left_safely_is_said() -> None:
    def said(s: Situation, plan: Plan) -> bool:
        alike = any(t.stable_breached for t in s.triggers)
        stuck = s.ready_of("7") == 0 or (alike and s.desired == "8")
        stuck = stuck or (alike and s.desired != "7" and s.problem is not None)
        bad = any(
            t.acts and t.action is ActionKind.ROLLBACK and t.verdict.kind is VerdictKind.BREACHED
            for t in s.triggers
        )
        if phase_of(s) not in ROLLING or not bad or not stuck or not before(s).shares.get("8"):
            return True
        told = any(n.warning for n in plan.notices)
        if is_dead_and_replaceable(s):
            return told and canary_share(plan.shares) == 0
        return plan.blocked is not None and told and plan.shares == before(s).shares

    assert offenders(said) == []


def test_a_breach_that_acts_is_answered_in_every_phase_of_a_rollout() -> None:
    def answered(s: Situation, plan: Plan) -> bool:
        bad = any(
            t.acts and t.action is ActionKind.ROLLBACK and t.verdict.kind is VerdictKind.BREACHED
            for t in s.triggers
        )
        if phase_of(s) not in ROLLING or not bad or plan.blocked is not None:
            return True
        # Where the stable version fails alike, another version that is wanted takes the canary's place.
        replaced = s.desired != "8" and any(t.stable_breached for t in s.triggers)
        replaced |= is_dead_and_replaceable(s) and any(t.stable_breached for t in s.triggers)
        goes = replaced or plan.phase is Phase.ROLLING_BACK
        return goes and canary_share(plan.shares) == 0

    assert offenders(answered) == []


def test_a_canary_goes_only_for_a_reason() -> None:
    """No data and a blind observer are none: only a breach, a person, or another version."""

    def reasoned(s: Situation, plan: Plan) -> bool:
        if not withdrawn(s, plan) or before(s).rollout is None:
            return True
        failure = plan.rollout.failure if plan.rollout else None
        if failure is None:
            return False
        if failure.reason is FailureReason.BREACHED:
            return any(t.acts and t.verdict.kind is VerdictKind.BREACHED for t in s.triggers)
        if failure.reason is FailureReason.SUPERSEDED:
            return s.desired != "8"
        if failure.reason is FailureReason.INCONCLUSIVE:
            return chosen(s) is OnInconclusive.ABORT
        return bool(s.model.metadata.annotations)

    assert offenders(reasoned) == []


def enters_promotion(s: Situation, plan: Plan) -> bool:
    """A version that comes back because it is known good has passed its gate before."""
    returns = plan.rollout is not None and plan.rollout.returns
    entered = plan.phase is Phase.PROMOTING and phase_of(s) is not Phase.PROMOTING
    return entered and not returns


def test_blindness_never_promotes() -> None:
    def held(s: Situation, plan: Plan) -> bool:
        blind = any(t.acts and t.verdict.kind in BLIND for t in s.triggers)
        return not (blind and enters_promotion(s, plan))

    assert offenders(held) == []


@pytest.mark.parametrize("state", ["pausing", "pause is over", "at the gate"])
@pytest.mark.parametrize("kind", BLIND)
def test_a_rollout_that_nobody_can_see_waits_for_data(state: str, kind: VerdictKind) -> None:
    plan = decide(a_situation(STATES[state], triggers=(a_trigger(kind),)))

    assert plan.rollout is not None
    assert (plan.rollout.waiting_for, plan.rollout.failure) == (WaitingFor.DATA, None)


def test_only_health_or_a_person_opens_the_last_gate() -> None:
    def opened(s: Situation, plan: Plan) -> bool:
        entered = enters_promotion(s, plan)
        healthy = all(t.verdict.kind is VerdictKind.HEALTHY for t in s.triggers if t.acts)
        doubted = chosen(s) is OnInconclusive.PROMOTE and not is_bad_or_unseen(s)
        waits_for_nobody = not any(t.critical for t in s.triggers)
        said = s.model.metadata.annotations or doubted
        return bool(not entered or healthy or said or waits_for_nobody)

    assert offenders(opened) == []


def unsaid(plan: Plan) -> Plan:
    """A plan without what is only written down for people."""
    rollout = plan.rollout and plan.rollout.model_copy(update={"passed": ()})
    told = tuple(n for n in plan.notices if n.reason != "WouldAct")
    return replace(plan, notices=told, rollout=rollout)


def test_a_policy_that_observes_changes_nothing() -> None:
    def ignored(s: Situation, plan: Plan) -> bool:
        acting = tuple(t for t in s.triggers if t.mode is PolicyMode.ACT)
        return acting == s.triggers or unsaid(decide(replace(s, triggers=acting))) == unsaid(plan)

    assert offenders(ignored) == []


def test_worse_verdicts_never_give_the_canary_more() -> None:
    """From Healthy over Inconclusive and NoData to Breached: each step down gives at most as much."""
    worse = {
        VerdictKind.INCONCLUSIVE: VerdictKind.HEALTHY,
        VerdictKind.NO_DATA: VerdictKind.INCONCLUSIVE,
        VerdictKind.OBSERVER_ERROR: VerdictKind.NO_DATA,
        VerdictKind.BREACHED: VerdictKind.OBSERVER_ERROR,
    }

    def reach(plan: Plan) -> tuple[int, int]:
        """The canary's share, and how far its rollout has come."""
        return canary_share(plan.shares), plan.rollout.step if plan.rollout else 99

    def monotone(s: Situation, plan: Plan) -> bool:
        if not s.triggers or s.triggers[0].verdict.kind not in worse or s.desired != "8":
            return True
        if s.triggers[0].stable_breached and s.ready_of("8") == 0:
            return True  # held where it is: neither version would answer well
        first, *rest = s.triggers
        verdict = replace(first.verdict, kind=worse[first.verdict.kind])
        better = replace(
            s, triggers=(replace(first, verdict=verdict, stable_breached=False), *rest)
        )
        instead = decide(better)
        failure = instead.rollout.failure if instead.rollout else None
        if failure is not None and failure.reason is FailureReason.INCONCLUSIVE:
            return True  # what is in doubt goes back where the spec says so; what is unseen waits
        share, step = reach(instead)
        return reach(plan)[0] <= share and reach(plan)[1] <= max(step, before(s).rollout.step)  # type: ignore[union-attr]  # rollouts only

    assert offenders(monotone) == []


def test_a_policy_that_says_hold_holds_the_rollout() -> None:
    def held(s: Situation, plan: Plan) -> bool:
        bad = any(
            t.acts and t.action is ActionKind.HOLD and t.verdict.kind is VerdictKind.BREACHED
            for t in s.triggers
        )
        if not bad or phase_of(s) not in ROLLING or plan.phase is Phase.ROLLING_BACK:
            return True
        said = plan.blocked is not None or s.ready_of("8") == 0
        return plan.shares.get("8", 0) <= before(s).shares["8"] and said

    assert offenders(lambda s, plan: s.desired != "8" or held(s, plan)) == []


def test_a_spec_that_cannot_start_moves_nothing_at_rest() -> None:
    resting = {Phase.PENDING, Phase.PROBATION, Phase.ROLLED_BACK}

    def still(s: Situation, plan: Plan) -> bool:
        # A status that was lost is rebuilt from what answers, whatever is wanted.
        moved = plan.phase not in {phase_of(s), Phase.TERMINATING} and plan.why != "StateRebuilt"
        # A person may take a promotion back: that starts nothing.
        returns = plan.rollout is not None and plan.rollout.returning is not None
        return s.problem is None or phase_of(s) not in resting or not moved or returns

    assert offenders(still) == []


def test_a_rejected_version_is_not_tried_again_by_itself() -> None:
    def sticky(s: Situation, plan: Plan) -> bool:
        retried = "retry" in s.model.metadata.annotations.get("knowngood.dev/command", "")
        return s.desired != "bad" or retried or plan.canary != "bad"

    assert offenders(sticky) == []


def test_deletion_stops_deciding() -> None:
    def ends(s: Situation, plan: Plan) -> bool:
        deleted = s.model.metadata.deletion_timestamp is not None
        return not deleted or (plan.phase is Phase.TERMINATING and not plan.shares)

    assert offenders(ends) == []


def test_every_status_can_be_written() -> None:
    for s, plan in walked()[::7]:
        status_of(s, plan).wire()


def test_waiting_for_infrastructure_ends_at_the_deadline() -> None:
    late = replace(a_situation(STATES["promoting"], ready={"7": 2, "8": 1}), now=NOW)
    at = decide(late).wake_at
    assert at is not None

    plan = decide(replace(late, now=at))

    assert plan.phase is Phase.ROLLING_BACK
    assert plan.rollout is not None
    assert plan.rollout.failure is not None
    assert plan.rollout.failure.reason is FailureReason.PROGRESS_DEADLINE_EXCEEDED

"""Steps that wait for what only a person can give: a schema that is understood, a signal, a listed version."""

from dataclasses import replace

from knowngood.api.v1alpha1 import Phase, Step, VerdictKind
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation, a_trigger
from tests.decisions.states import NOW, STATES, STEPS

STAMP = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
SERVICES = [{"version": v, "name": f"loan-{v}"} for v in ("7", "8")]


def test_a_kind_of_step_that_is_not_known_is_not_guessed() -> None:
    newer = [*STEPS[:1], {"setHeaderRoute": {}}, *STEPS[2:]]
    assert Step.model_validate(newer[1]) == Step()
    state = STATES["pausing"]
    plan = decide(a_situation(state, model=a_model(state, rollout={"steps": newer})))

    assert plan.blocked is not None
    assert plan.blocked.reason == "UnsupportedField"
    assert "spec.rollout.steps[1]" in plan.blocked.message
    assert plan.shares == {"7": 90, "8": 10}


def blind_step(command: str = "") -> Situation:
    """A larger share is wanted, and nothing of the canary can be read; it was seen to wait."""
    state = STATES["larger share wanted"]
    s = a_situation(state, triggers=(a_trigger(VerdictKind.NO_DATA),))
    waits = status_of(s, decide(s))
    commanded = a_model(state, command=command).model_copy(update={"status": waits})
    return replace(s, model=commanded)


def test_a_person_may_raise_a_share_that_nobody_can_see_and_it_is_recorded() -> None:
    assert decide(blind_step()).shares["8"] == 10

    s = blind_step(f"promote 8 {STAMP}")
    first = decide(s)
    s = replace(s, model=s.model.model_copy(update={"status": status_of(s, first)}))
    second = decide(s)

    assert second.shares["8"] == 50
    assert second.last_command is not None
    assert second.last_command.result == "Done"
    assert "could not be seen" in second.last_command.message


def test_a_person_s_word_counts_for_one_step() -> None:
    s = blind_step(f"promote 8 {STAMP}")
    s = replace(s, model=s.model.model_copy(update={"status": status_of(s, decide(s))}))
    rollout = s.model.status.rollout  # type: ignore[union-attr]  # it is rolled out

    assert rollout is not None
    assert rollout.unseen == rollout.step


def test_a_stable_version_that_is_not_listed_any_more_stops_the_rollout_but_no_rollback() -> None:
    state = STATES["pause is over"]
    model = a_model(state, serving={"services": SERVICES[1:]})
    s = a_situation(state, model=model)

    plan = decide(s)
    back = decide(replace(s, triggers=(a_trigger(VerdictKind.BREACHED),)))

    assert plan.blocked is not None
    assert plan.blocked.reason == "VersionUnavailable"
    assert plan.shares == {"7": 90, "8": 10}
    assert back.phase is Phase.ROLLING_BACK
    listed = a_model(state, serving={"services": SERVICES})
    assert decide(replace(s, model=listed)).blocked is None

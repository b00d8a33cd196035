"""What people delete and edit under a rollout gives no version requests that it would not have had."""

from dataclasses import replace
from typing import Any

import pytest

from knowngood.api.v1alpha1 import Phase, Standing
from knowngood.decisions.edits import follow_edits
from knowngood.decisions.planned import plan_of
from knowngood.decisions.transition import decide
from tests.decisions.situations import STANDINGS, a_model, a_situation
from tests.decisions.states import NOW, STATES, STEPS
from tests.decisions.walking import before

REJECTED = {**STANDINGS, "8": Standing.REJECTED}


def test_a_rejected_version_whose_record_was_deleted_is_not_tried_again_by_itself() -> None:
    """Neither right after the rollback nor when another version has been promoted since."""
    gone = decide(a_situation(STATES["rolling back"]))
    without = {v: standing for v, standing in STANDINGS.items() if v != "8"}

    for state in (STATES["rolled back"], STATES["at rest"]):
        for command, canary in (("", ""), (f"retry 8 {NOW:%Y-%m-%dT%H:%M:%SZ}", "8")):
            model = a_model(state, command=command)
            assert model.status is not None
            status = model.status.model_copy(update={"rejected": gone.rejected})
            s = a_situation(
                state, standings=without, model=model.model_copy(update={"status": status})
            )
            assert decide(s).canary == canary
            assert decide(replace(s, digest="v1:sha256:" + "1" * 64)).canary == "8"

    assert [r.version for r in gone.rejected] == ["8"]
    assert decide(a_situation(STATES["superseded"])).rejected == ()


def test_a_rejected_version_without_a_record_supersedes_nobody() -> None:
    rejected = decide(a_situation(STATES["rolling back"])).rejected
    rejected = (rejected[0].model_copy(update={"version": "9"}),)
    model = a_model(STATES["pausing"], desired="9")
    assert model.status is not None
    status = model.status.model_copy(update={"rejected": rejected})
    s = a_situation(STATES["pausing"], model=model.model_copy(update={"status": status}))

    assert decide(s).phase is Phase.ROLLING_BACK
    assert decide(replace(s, digest="v1:sha256:" + "1" * 64)).phase is Phase.PROGRESSING


def test_a_rejected_version_that_is_asked_for_again_is_told_why_nothing_happens() -> None:
    again = decide(a_situation(STATES["at rest"], model=a_model(STATES["at rest"], desired="bad")))

    (notice,) = again.notices
    assert (notice.reason, notice.warning) == ("VersionRejected", True)
    assert "give the retry command" in notice.message
    assert decide(a_situation(STATES["rolled back"], standings=REJECTED)).notices == ()


PAUSE: dict[str, Any] = {"pause": {"duration": "5m", "minSamples": 100}}
PERSON: dict[str, Any] = {"pause": {}}


@pytest.mark.parametrize(
    ("state", "steps", "goes_on_from"),
    [
        pytest.param("waiting for a person", [*STEPS, PERSON], 3, id="more steps behind"),
        pytest.param("waiting for a person", [*STEPS[:3], PAUSE], 3, id="the present one"),
        pytest.param("waiting for a person", [PAUSE, *STEPS], 3, id="one more before: at 50 again"),
        pytest.param("waiting for a person", STEPS[:1], 0, id="fewer: at 10 again"),
        pytest.param("pausing", [{"setWeight": 20}, PERSON], 0, id="above the present share"),
        pytest.param("at the gate", [*STEPS, PERSON], 4, id="one more at the end"),
    ],
)
def test_an_edit_undoes_no_step_that_is_done_and_skips_none(
    state: str, steps: list[dict[str, Any]], goes_on_from: int
) -> None:
    s = a_situation(STATES[state], model=a_model(STATES[state], rollout={"steps": steps}))

    followed = follow_edits(s, plan_of(s.model))
    plan = decide(s)

    assert followed.rollout is not None
    assert followed.rollout.step == goes_on_from
    assert plan.rollout is not None
    assert plan.rollout.steps == len(steps)
    assert plan.rollout.step <= goes_on_from + 1
    assert plan.shares["8"] <= max(before(s).shares["8"], 20)


def test_steps_that_were_edited_promote_no_version_that_answered_nobody() -> None:
    shorter = [{"setWeight": 10}]
    state = replace(STATES["no share yet"], step=2, phase=Phase.PAUSED)
    s = a_situation(state, model=a_model(state, rollout={"steps": shorter}))

    plan = decide(s)

    assert (plan.phase, plan.shares) == (Phase.PROGRESSING, {"7": 100, "8": 0})
    assert plan.rollout is not None
    assert plan.rollout.step == 0

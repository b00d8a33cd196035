"""`incident acknowledge` and `decide` on a real API server, of what was opened again."""

from tests.cli.program import Ended
from tests.cli.program import call as program
from tests.cli.stage import Json, Stage
from tests.cli.statuses import flat


def call(stage: Stage, *words: str) -> Ended:
    return program("incident", *words, *stage.place)


def reopened(status: Json) -> None:
    status["reopened"] = 1
    for clock in ("acknowledged", "decided"):
        status["clocks"].pop(clock, None)


def test_people_have_it_and_decide_anew_after_it_was_opened_again(stage: Stage) -> None:
    stage.model()
    stage.incident(stage.status("rolling back"))
    words = ("loan-1", "--outcome", "AcceptRisk", "--rationale", "an old label")
    assert call(stage, "acknowledge", "loan-1", "--note", "on it").code == 0
    assert call(stage, "decide", *words).code == 0
    stage.forge("loan-1", reopened)
    seen = call(stage, "show", "loan-1").out
    assert "(before it was opened again): an old label" in flat(seen)

    again = call(stage, "acknowledge", "loan-1")
    decided = call(stage, "decide", "loan-1", "--outcome", "Patch", "--rationale", "anew")

    assert (again.code, again.err, decided.code, decided.err) == (0, "", 0, "")
    spec = stage.found("loan-1").spec
    assert spec.acknowledgement is not None
    assert spec.decision is not None
    assert (spec.acknowledgement.round, spec.acknowledgement.note) == (1, None)
    assert (spec.decision.round, spec.decision.rationale) == (1, "anew")
    assert call(stage, "decide", *words).code == 1, "decided already"
    assert call(stage, "acknowledge", "loan-1").code == 0, "said again by the same person"

"""What `wait` prints: each change once."""

from knowngood.api.v1alpha1 import AIModelDeployment, ConditionType, VerdictKind
from knowngood.cli.ordering import written
from knowngood.cli.views.changes import changes
from knowngood.decisions.commands import Verb
from tests.cli.statuses import decided, having, with_condition
from tests.decisions.situations import a_model, a_trigger
from tests.decisions.states import NOW, STATES


def told(before: AIModelDeployment | None, after: AIModelDeployment) -> list[str]:
    return [fact.text for fact in changes(before, after)]


def test_the_first_look_tells_how_it_is() -> None:
    going, shares = told(None, decided("pausing"))

    assert going == (
        "Paused: step 2 of 4 (a pause for 5m and 100 requests); it pauses until 2026-03-01 12:04:40Z"
    )
    assert shares == "requests: version 7 90 %, version 8 10 %"


def test_the_first_look_does_not_tell_what_was_done_before() -> None:
    refused = written(Verb.ABORT, "9", NOW, "a")
    model = decided("rolling back", a_model(STATES["rolling back"], command=refused))
    assert model.status is not None
    assert model.status.incident_ref is not None
    assert model.status.last_command is not None

    assert [line for line in told(None, model) if line.startswith(("incident", "command"))] == []


def test_what_stays_is_not_told_again() -> None:
    assert told(decided("pausing"), decided("pausing")) == []
    touched = having(decided("pausing"), observed_generation=3, incidents=0)
    assert told(decided("pausing"), touched) == []


def test_a_step_and_a_share_are_changes() -> None:
    lines = told(decided("pausing"), decided("waiting for a person"))

    assert [line.split(":")[0] for line in lines] == ["Paused", "requests"]
    assert "step 4 of 4" in lines[0]
    assert lines[1] == "requests: version 7 50 %, version 8 50 %"


def test_shares_are_those_that_the_gateway_gives() -> None:
    model = decided("pausing")
    assert model.status is not None
    assert model.status.traffic is not None
    late = [b.model_copy(update={"applied_weight": 0}) for b in model.status.traffic.backends]
    traffic = model.status.traffic.model_copy(update={"backends": tuple(late)})

    assert told(model, having(model, traffic=traffic)) == ["requests: version 7 0 %, version 8 0 %"]


def test_a_rollback_tells_its_incident() -> None:
    lines = told(
        decided("pausing"), decided("pausing", triggers=(a_trigger(VerdictKind.BREACHED),))
    )

    assert any(line.startswith("RollingBack: version 8 goes back") for line in lines)
    assert "incident loan-1: knowngood why loan -n lending" in lines


def test_why_it_goes_back_is_told_once() -> None:
    going = decided("pausing", triggers=(a_trigger(VerdictKind.BREACHED),))

    lines = told(going, decided("rolling back"))

    assert "RolledBack: version 7 answers all requests" in lines


def test_what_needs_attention_is_told_when_it_comes_and_when_it_goes() -> None:
    well = decided("pausing")
    ill = with_condition(well, ConditionType.GUARDED, "NoData", "nothing is seen", holds=False)

    assert told(well, ill) == ["Guarded (NoData): nothing is seen"]
    assert told(ill, well) == ["no longer: Guarded (NoData): nothing is seen"]
    assert told(ill, ill) == []


def test_the_same_command_given_twice_is_told_twice() -> None:
    first, second = (
        decided("promoting", a_model(STATES["promoting"], command=text))
        for text in (written(Verb.PROMOTE, "8", NOW, n) for n in ("a", "b"))
    )

    assert told(first, second) == [
        "command promote 8: Refused: version 8 is being promoted already"
    ]

"""`status` of one model, for people and for machines."""

import json
from datetime import timedelta, timezone
from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelDeployment, ConditionType, Phase, Reason, WaitingFor
from knowngood.cli.views.attention import ADVICE, attention
from knowngood.cli.views.going import PHASES, WAITS
from knowngood.cli.views.machine import model_json, models_json
from knowngood.cli.views.one import one
from knowngood.cli.views.phrases import moment
from tests.cli.statuses import decided, flat, having, incident_of, printed, record, with_condition
from tests.decisions.situations import a_model
from tests.decisions.states import NOW, STATES

FRESH = "2026-03-01T11:59:30Z"


def text(model: AIModelDeployment, *versions: str, incident: bool = False) -> str:
    records = [record(v) for v in versions]
    return printed(one(model, records, incident_of(model) if incident else None))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        pytest.param("no share yet", "step 1 of 4 (10 % of the requests)", id="a share"),
        pytest.param("pausing", "(a pause for 5m and 100 requests)", id="a pause"),
        pytest.param("pausing", "it pauses until 2026-03-01 12:04:40Z", id="until when"),
        pytest.param("waiting for a person", "(a pause for a person)", id="a pause without end"),
        pytest.param("waiting for a person", "waits for a person (promote or abort)", id="person"),
        pytest.param("promoting", "all 4 steps are done", id="the end"),
        pytest.param("promoted, not seen yet", "version 8 answers all requests", id="promoted"),
        pytest.param("rolling back", "version 8 was taken back: it failed", id="taken back"),
        pytest.param("first version starts", "version 8 is the first one", id="first"),
        pytest.param("going", "the model is being deleted", id="deleted"),
    ],
)
def test_it_says_what_goes_on_and_what_is_awaited(state: str, words: str) -> None:
    assert words in flat(text(decided(state)))


def test_every_phase_and_every_wait_has_words() -> None:
    assert set(PHASES) == set(Phase)
    assert set(WAITS) == set(WaitingFor)


def test_a_suspended_model_says_so_and_what_ends_it() -> None:
    suspended = a_model(STATES["pausing"], suspend=True)
    found = flat(text(decided("pausing", suspended)))

    assert "spec.suspend is true: nothing is shifted or taken back" in found
    assert "set spec.suspend to false when that is over" in found


def test_samples_that_are_awaited_are_counted() -> None:
    found = flat(text(decided("pause is over", samples=3)))

    assert "waits for 100 requests to judge by, counted from 2026-03-01 11:54:00Z" in found


def test_a_gate_names_what_it_waits_for() -> None:
    model = having(decided("all steps done"), phase="Paused")
    assert model.status is not None
    assert model.status.rollout is not None
    waiting = model.status.rollout.model_copy(update={"waiting_for": "Samples"})

    assert "every trigger that acts has to be Healthy" in flat(text(having(model, rollout=waiting)))


def test_what_the_gateway_says_is_quoted_while_it_is_awaited() -> None:
    shown = with_condition(
        decided("first share asked for", route=None),
        ConditionType.ROUTE_PROGRAMMED,
        "NotProgrammed",
        "no such Gateway",
        holds=False,
    )
    assert shown.status is not None
    assert shown.status.rollout is not None
    waiting = shown.status.rollout.model_copy(update={"waiting_for": WaitingFor.ROUTE})

    assert "to take the weights over no such Gateway" in flat(text(having(shown, rollout=waiting)))


def test_a_command_that_can_be_given_can_be_copied() -> None:
    assert "  -> knowngood promote loan --version 8 -n lending\n" in text(
        decided("waiting for a person")
    )


def test_versions_tell_where_they_stand_and_what_they_get() -> None:
    lines = text(decided("pausing"), "6", "7", "8").splitlines()

    rows = [line.split()[:5] for line in lines if line.startswith(("6", "7", "8"))]

    assert rows == [
        ["6", "-", "Retired", "-", "2026-03-01"],
        ["7", "-", "Probation", "90", "%"],
        ["8", "-", "Trial", "10", "%"],
    ]


def test_a_share_that_the_gateway_does_not_give_yet_is_told() -> None:
    model = decided("pausing")
    assert model.status is not None
    assert model.status.traffic is not None
    late = [b.model_copy(update={"applied_weight": 0}) for b in model.status.traffic.backends]
    traffic = model.status.traffic.model_copy(update={"backends": tuple(late)})

    assert "0 % (soon 10 %)" in text(having(model, traffic=traffic), "8")


def test_a_status_that_is_about_an_older_spec_says_so() -> None:
    model = having(decided("pausing"), observed_generation=2)

    assert "the operator has not looked at it since" in flat(text(model))


def test_a_model_that_nobody_looked_at_asks_for_the_operator() -> None:
    model = a_model().model_copy(update={"status": None})

    assert "is it running?" in text(model)


def test_a_refused_command_is_told_with_its_reason() -> None:
    found = flat(
        text(decided("at rest", model=a_model(STATES["at rest"], command=f"abort 9 {FRESH}")))
    )

    assert "abort 9: Refused, 2026-03-01 12:00:00Z" in found
    assert "version 9 is not being rolled out" in found


def test_the_latest_incident_is_summed_up() -> None:
    found = flat(text(decided("rolling back"), incident=True))

    assert "loan-1 (High, Contained)" in found
    assert "version 8 of loan is taken back: it failed" in found
    assert "-> knowngood why loan 8 -n lending" in found


def test_an_incident_that_is_not_there_is_not_hidden() -> None:
    assert "loan-1 is not written yet, or was deleted" in text(decided("rolling back"))


@pytest.mark.parametrize("state", ["pausing", "first version starts", "no share yet", "at rest"])
def test_what_is_usual_needs_no_attention(state: str) -> None:
    assert attention(decided(state)) == ()


@pytest.mark.parametrize(
    ("kind", "reason", "holds", "loud"),
    [
        (ConditionType.STALLED, "StateLost", True, True),
        (ConditionType.AVAILABLE, "NoEndpoints", False, True),
        (ConditionType.GUARDED, "NoPolicy", False, False),
        (ConditionType.ROLLOUTS_FROZEN, "Frozen", True, False),
        (ConditionType.KNOWN_GOOD_AVAILABLE, "FallbackNotReady", False, False),
        (ConditionType.READY, "NotProgrammed", False, False),
    ],
)
def test_what_is_not_as_it_should_be_is_told_with_its_message(
    kind: ConditionType,
    reason: str,
    holds: bool,  # noqa: FBT001  - a table's column
    loud: bool,  # noqa: FBT001  - likewise
) -> None:
    model = with_condition(decided("pausing"), kind, reason, "the message", holds=holds)

    (found,) = attention(model)

    assert (found.kinds, found.reason, found.loud) == ((kind,), reason, loud)
    assert f"{kind.value} ({reason}) the message -> " in flat(text(model))


def test_conditions_that_say_the_same_are_told_once() -> None:
    model = decided("pausing")
    for kind, holds in [(ConditionType.STALLED, True), (ConditionType.AVAILABLE, False)]:
        model = with_condition(model, kind, "NotProgrammed", "no gateway", holds=holds)

    assert [a.kinds for a in attention(model)] == [("Stalled", "Available")]


def test_every_advice_is_for_a_reason_that_there_is() -> None:
    assert set(ADVICE) <= set(Reason)
    for reason in ADVICE:
        model = with_condition(
            decided("pausing"), ConditionType.STALLED, reason, "message", holds=True
        )
        advice = attention(model)[0].advice
        assert advice is not None
        assert "{" not in advice.text + advice.command


def test_the_worst_comes_first() -> None:
    model = with_condition(
        decided("pausing"), ConditionType.GUARDED, "NoPolicy", "nobody", holds=False
    )
    model = with_condition(model, ConditionType.STALLED, "StateLost", "lost", holds=True)

    assert [a.reason for a in attention(model)] == ["StateLost", "NoPolicy"]


def machine(model: AIModelDeployment, *versions: str, incident: bool = False) -> dict[str, Any]:
    records = [record(v) for v in versions]
    found = model_json(model, records, incident_of(model) if incident else None)
    read: dict[str, Any] = json.loads(json.dumps(found))
    return read


def test_machines_read_the_same_fields_in_the_table_and_of_one_model() -> None:
    model = decided("pausing")
    (row,) = models_json([model])["models"]

    assert row == {
        "name": "loan",
        "namespace": "lending",
        "phase": "Paused",
        "desired": "8",
        "stable": "7",
        "canary": "8",
        "canaryWeight": 10,
        "ready": False,
        "available": True,
        "guarded": True,
        "incident": None,
        "upToDate": True,
    }
    assert row.items() <= machine(model).items()


@pytest.mark.parametrize("paused", [True, False])
def test_machines_read_how_far_a_rollout_is(paused: bool) -> None:  # noqa: FBT001  - a table's column
    model = decided("pausing")
    assert model.status
    assert model.status.rollout
    rollout = model.status.rollout.model_copy(update={"paused": paused or None, "mirror": 20})

    assert machine(having(model, rollout=rollout))["rollout"] == {
        "version": "8",
        "step": 1,
        "steps": 4,
        "waitingFor": "Time",
        "lacks": [],
        "paused": paused,
        "mirror": 20,
        "tested": False,
        "startedAt": "2026-03-01T11:00:00.000000Z",
        "stepStartedAt": "2026-03-01T11:59:40.000000Z",
        "failure": None,
    }
    assert machine(decided("promoted, not seen yet"))["rollout"] is None


def test_who_can_be_tried_is_told() -> None:
    model = decided("tried by people")

    assert machine(model)["rollout"]["tested"] is True
    assert "requests with your value of X-Preview go to it" in machine(model)["says"]
    assert "X-Preview" not in machine(decided("pausing"))["says"]


def test_machines_read_versions_attention_and_the_incident() -> None:
    found = machine(decided("rolling back"), "7", incident=True)

    assert found["versions"][0]["weight"] == 100
    assert found["versions"][0]["standing"] == "Probation"
    assert found["attention"][0]["reason"] == "VersionRejected"
    assert found["latestIncident"]["name"] == found["incident"] == "loan-1"
    assert found["latestIncident"]["version"] == "8"
    assert found["lastCommand"] is None


def test_a_machine_learns_that_the_status_is_about_an_older_spec() -> None:
    assert machine(having(decided("pausing"), observed_generation=2))["upToDate"] is False
    assert machine(a_model().model_copy(update={"status": None}))["upToDate"] is False


def test_times_are_in_utc() -> None:
    assert moment(NOW.astimezone(timezone(timedelta(hours=5)))) == "2026-03-01 12:00:00Z"
    assert moment(None) == ""

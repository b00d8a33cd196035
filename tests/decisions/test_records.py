from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import AIModelVersion, Role, Standing
from knowngood.decisions.plan import Plan
from knowngood.decisions.planned import plan_of
from knowngood.decisions.records import (
    digest_of,
    meaning_changed,
    record_of,
    template_problem,
    version_status,
)
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_record, a_situation
from tests.decisions.states import NOW, OTHER_STATES, STATES

REST = OTHER_STATES["at rest"]


def recorded(model_version: str = "8") -> AIModelVersion:
    return AIModelVersion.model_validate(record_of(a_model(REST, desired=model_version)))


def test_a_record_says_what_its_version_is() -> None:
    model = a_model(REST)
    record = recorded()

    assert record.metadata.name == "loan-8-2c624232"
    assert record.spec.digest == digest_of(model)
    assert record.spec.model_ref.uid == model.metadata.uid
    assert meaning_changed(model, record, digest_of(model)) is None


def test_a_version_that_means_something_else_is_refused() -> None:
    changed = a_model(REST, model={"version": "8", "uri": "s3://loan/other"})

    problem = meaning_changed(changed, recorded(), digest_of(changed))

    assert problem is not None
    assert problem.reason == "VersionMeaningChanged"
    assert '"8-r2"' in problem.message


def test_a_record_of_an_earlier_model_of_that_name_is_not_taken_over() -> None:
    model = a_model(REST)
    reborn = model.model_copy(update={"metadata": model.metadata.model_copy(update={"uid": "u2"})})

    problem = meaning_changed(reborn, recorded(), digest_of(reborn))

    assert problem is not None
    assert problem.reason == "Claimed"


@pytest.mark.parametrize(
    ("template", "size", "words"),
    [
        pytest.param({"spec": {"restartPolicy": "Always"}}, 100, None, id="a good one"),
        pytest.param({"metadata": None, "spec": None}, 100, None, id="an empty one"),
        pytest.param({}, 64 * 1024, None, id="just small enough"),
        pytest.param({}, 64 * 1024 + 1, "more than 65536", id="too large"),
        pytest.param(
            {"metadata": {"labels": {"knowngood.dev/version": "7"}}},
            9,
            "set by Knowngood",
            id="our label",
        ),
        pytest.param({"spec": {"restartPolicy": "Never"}}, 9, "must be Always", id="a job"),
    ],
)
def test_a_template_that_knowngood_cannot_run_is_refused(
    template: dict[str, object], size: int, words: str | None
) -> None:
    problem = template_problem(template, size)

    assert (
        (problem is None) if words is None else (problem is not None and words in problem.message)
    )


def standing_after(
    plan: Plan, record: AIModelVersion, state: str = "rolling back"
) -> AIModelVersion:
    s = a_situation(STATES[state])
    return record.model_copy(update={"status": version_status(s, plan, record)})


def test_a_change_of_standing_is_recorded_once() -> None:
    plan = decide(a_situation(STATES["rolling back"]))
    first = standing_after(plan, a_record("8", Standing.TRIAL))

    assert first.status is not None
    assert first.status.standing is Standing.REJECTED
    assert [t.standing for t in first.status.transitions] == [Standing.REJECTED]
    assert standing_after(plan, first) == first


def test_a_rejection_names_its_incident_and_why() -> None:
    plan = decide(a_situation(STATES["rolling back"]))
    record = standing_after(plan, a_record("8", Standing.TRIAL))

    assert record.status is not None
    assert record.status.rejection is not None
    assert record.status.rejection.incident == "loan-1"
    assert record.status.rejection.reason == "Breached"


def test_a_version_that_is_tried_again_is_rejected_no_more() -> None:
    rejected = standing_after(decide(a_situation(STATES["rolling back"])), a_record("8"))
    again = Plan(plan_of(a_model(REST)).phase).stand("8", Standing.CANDIDATE, "Retry")

    status = version_status(a_situation(STATES["at rest"]), again, rejected)

    assert (status.standing, status.rejection) == (Standing.CANDIDATE, None)
    assert [t.standing for t in status.transitions] == [Standing.REJECTED, Standing.CANDIDATE]


def test_the_history_of_a_version_is_bounded() -> None:
    record = a_record("8")
    for number in range(50):
        standing = Standing.TRIAL if number % 2 else Standing.CANDIDATE
        plan = Plan(plan_of(a_model(REST)).phase).stand("8", standing, "Again")
        s = replace(a_situation(STATES["at rest"]), now=NOW + timedelta(minutes=number))
        record = record.model_copy(update={"status": version_status(s, plan, record)})

    assert record.status is not None
    assert len(record.status.transitions) == 20
    assert record.status.transitions[-1].time == NOW + timedelta(minutes=49)


@pytest.mark.parametrize(
    ("state", "version", "role"),
    [
        pytest.param("pausing", "7", Role.STABLE, id="answers"),
        pytest.param("pausing", "8", Role.CANARY, id="is tried"),
        pytest.param("pausing", "6", Role.NONE, id="neither"),
        pytest.param("going", "8", Role.NONE, id="the model goes"),
    ],
)
def test_roles_follow_from_the_models_status(state: str, version: str, role: Role) -> None:
    s = a_situation(STATES[state])

    assert version_status(s, plan_of(s.model), a_record(version)).role is role


def test_records_of_standbys_are_told_from_others() -> None:
    state = STATES["at rest, with a standby"]
    s = a_situation(state, model=a_model(state, desired="7", shadow={"standby": "Warm"}))

    roles = {v: version_status(s, decide(s), a_record(v)).role for v in ("7", "8", "6")}

    assert roles == {"7": Role.STABLE, "8": Role.SHADOW, "6": Role.NONE}

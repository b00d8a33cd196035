"""An incident alone says which answers may have been wrong, from when to when, and by which pods."""

from datetime import timedelta

from knowngood.api.v1alpha1 import Containment
from tests.decisions.situations import a_model
from tests.decisions.states import NOW
from tests.decisions.test_handing_over import says, told
from tests.decisions.test_incidents import breached, contained, opened


def test_which_answers_are_in_doubt_is_told_from_the_onset_to_the_containment() -> None:
    going = told(breached(), opened(breached()))
    assert going.affected is not None
    assert (going.affected.versions, going.affected.to) == (("8",), None)
    assert going.affected.from_ == NOW - timedelta(seconds=35), "the onset"
    assert going.affected.selector == "knowngood.dev/model=loan,knowngood.dev/version=8"

    safe = told(contained(), opened(breached()), earlier=breached())
    assert safe.affected is not None
    assert safe.clocks is not None
    assert (safe.affected.from_, safe.affected.to) == (going.affected.from_, safe.clocks.contained)


def test_how_many_answers_it_gave_is_told_once_it_is_known_and_stays() -> None:
    model = contained()
    assert model.status is not None
    assert model.status.rollout is not None
    counted = model.status.rollout.model_copy(update={"answered": 53})
    silent = model.model_copy(
        update={"status": model.status.model_copy(update={"rollout": counted})}
    )
    before = told(model, opened(model))
    assert before.affected is not None
    assert before.affected.decisions is None

    after = told(silent, opened(model), earlier=model)

    assert after.affected is not None
    assert after.affected.decisions is not None
    assert after.affected.decisions.at_least == 53
    later = told(model, opened(model).model_copy(update={"status": after}))
    assert later.affected == after.affected, "another rollout takes nothing back"


def test_answers_stay_in_doubt_while_a_version_is_counted_to_answer() -> None:
    model = contained()
    assert model.status is not None
    assert model.status.rollout is not None
    loud = model.status.rollout.model_copy(update={"loud": True})
    status = model.status.model_copy(update={"rollout": loud})

    found = told(model.model_copy(update={"status": status}), opened(model), earlier=model)

    assert found.containment is Containment.FAILED
    assert found.affected is not None
    assert found.affected.to is None
    assert says(found).startswith("find out who sends requests to version 8, and stop its pods")


def test_pods_of_somebody_else_are_found_by_their_service() -> None:
    services = [
        {"version": "7", "name": "loan-v7", "port": 80},
        {"version": "8", "name": "loan-v8", "port": 80},
    ]
    model = contained()
    spec = a_model(serving={"services": services}).spec

    status = told(model.model_copy(update={"spec": spec}), opened(model))

    assert status.affected is not None
    assert status.affected.selector == "kubernetes.io/service-name=loan-v8"

import pytest

from knowngood.api.v1alpha1 import Step
from knowngood.control.arms import Arm, Arms, horizon
from knowngood.signals.series import RawSeries, Target

CANARY = Arm("8", "loan-8", "loan-8", 2)
STABLE = Arm("7", "seven", None, 2, frozenset({"theirs-0"}))
ARMS = Arms("lending", "u1", "loan", "d", CANARY, STABLE, 1000.0, 1010.0, 3600.0)


@pytest.mark.parametrize(
    ("namespace", "pod", "version"),
    [
        pytest.param("lending", "loan-8-6c8d7f9b5-x2x9z", "8", id="a pod of our Deployment"),
        pytest.param("lending", "theirs-0", "7", id="a pod behind their Service"),
        pytest.param("lending", "theirs-1", None, id="a pod of nobody"),
        pytest.param("other", "loan-8-6c8d7f9b5-x2x9z", None, id="a namesake elsewhere"),
        pytest.param("other", "theirs-0", None, id="their namesake elsewhere"),
    ],
)
def test_a_target_belongs_to_a_version_by_namespace_and_pod(
    namespace: str, pod: str, version: str | None
) -> None:
    assert ARMS.version_of(Target(namespace, pod)) == version


@pytest.mark.parametrize(
    ("labels", "version"),
    [
        ({"namespace": "lending", "model": "loan", "model_version": "8", "pod": "a"}, "8"),
        ({"namespace": "lending", "model": "loan", "model_version": "8", "instance": "x:1"}, "8"),
        ({"namespace": "lending", "model": "loan", "model_version": "9", "pod": "a"}, None),
        ({"namespace": "lending", "model": "card", "model_version": "8", "pod": "a"}, None),
        ({"namespace": "other", "model": "loan", "model_version": "8", "pod": "a"}, None),
    ],
)
def test_a_trusted_source_names_model_and_version_itself(
    labels: dict[str, str], version: str | None
) -> None:
    target = ARMS.labelled(RawSeries(labels, ()))

    assert (target and ARMS.labelled_version(target)) == version


def test_evidence_belongs_to_one_pair_of_versions_since_one_instant() -> None:
    assert ARMS.rollout == ("u1", "8", "d", "7", 1000.0)


def test_the_horizon_is_the_planned_length_of_the_rollout_and_an_hour_at_least() -> None:
    def pause(duration: str) -> Step:
        return Step.model_validate({"pause": {"duration": duration}})

    assert horizon((pause("10m"), Step(set_weight=50), pause("5m"))) == 3600.0
    assert horizon((pause("1h"), Step(set_weight=50), pause("30m"))) == 5400.0
    assert horizon((pause("1h"), pause("30m")), "2h0m0s") == 7200.0, "as it was when it began"

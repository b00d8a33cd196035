import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.decisions.naming import child_name, is_pod_of

MODELS = st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True)
VERSIONS = st.from_regex(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,38}[A-Za-z0-9])?", fullmatch=True)
SERVICE_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


@pytest.mark.parametrize(
    ("version", "name"),
    [
        pytest.param("8", "loan-8-2c624232", id="a number"),
        pytest.param("v1.2_final", "loan-v1-2-final-5bfb5db7", id="dots and underscores"),
        pytest.param("2026-03-01-rc.10", "loan-2026-03-01-r-5aa8c502", id="long"),
    ],
)
def test_a_child_is_called_by_slug_and_hash(version: str, name: str) -> None:
    assert child_name("loan", version) == name


@given(MODELS, VERSIONS)
def test_every_name_is_a_name_of_a_service(model: str, version: str) -> None:
    name = child_name(model, version)

    assert SERVICE_NAME.fullmatch(name)
    assert len(name) <= 62


@given(VERSIONS, VERSIONS)
def test_two_versions_never_share_a_name(one: str, other: str) -> None:
    assert (child_name("loan", one) == child_name("loan", other)) is (one == other)


def test_case_makes_another_version() -> None:
    assert child_name("loan", "V1") != child_name("loan", "v1")


@pytest.mark.parametrize(
    ("pod", "ours"),
    [
        pytest.param("loan-8-2c624232-7d9f8b6c5-x2x9z", True, id="a pod of the Deployment"),
        pytest.param("loan-8-2c624232", False, id="the Deployment itself"),
        pytest.param("loan-8-2c624232-7d9f8b6c5", False, id="its ReplicaSet"),
        pytest.param("loan-8-2c624232-7d9f8b6c5-x2x9z-0", False, id="more behind it"),
        pytest.param("loan-8-2c6242327-d9f8b6c5-x2x9z", False, id="another Deployment"),
        pytest.param("other-7d9f8b6c5-x2x9z", False, id="another model"),
    ],
)
def test_a_pod_is_known_by_its_name(pod: str, ours: bool) -> None:  # noqa: FBT001  - a table's column
    assert is_pod_of("loan-8-2c624232", pod) is ours

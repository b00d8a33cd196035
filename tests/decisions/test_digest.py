from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.decisions.digest import version_digest
from knowngood.decisions.records import digest_of, meaning
from tests.decisions.situations import a_model
from tests.decisions.states import OTHER_STATES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
REST = OTHER_STATES["at rest"]


def shuffled(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: shuffled(value[k]) for k in reversed(value)}
    return [shuffled(v) for v in value] if isinstance(value, list) else value


def test_the_digest_is_pinned() -> None:
    """Changing it would make every recorded version a changed one."""
    serving = {"deployment": {"ports": [{"port": 80}], "template": {"spec": {"a": "ü"}}}}

    assert version_digest(serving, "s3://loan/8") == (
        "v1:sha256:b9ad420368c4c4735668f83285072c4f8af46aa7ac61f63bfc6fc6176e6d30b2"
    )


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_the_order_of_keys_means_nothing(serving: dict[str, Any]) -> None:
    assert version_digest(serving, None) == version_digest(shuffled(serving), "")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param({"replicas": 9}, True, id="replicas"),
        pytest.param({"rollout": {"steps": [{"setWeight": 50}]}}, True, id="steps"),
        pytest.param(
            {
                "serving": {
                    "deployment": {
                        "ports": [{"name": "h", "port": 81, "targetPort": 1}],
                        "template": {},
                    }
                }
            },
            False,
            id="ports and template",
        ),
        pytest.param({"model": {"version": "8", "uri": "s3://loan/9"}}, False, id="uri"),
    ],
)
def test_only_what_a_version_means_changes_it(change: dict[str, Any], same: bool) -> None:  # noqa: FBT001  - a table's column
    assert (digest_of(a_model(REST, **change)) == digest_of(a_model(REST))) is same


def test_a_deployment_holds_the_desired_version_only() -> None:
    model = a_model(REST)

    assert meaning(model, "8") is not None
    assert meaning(model, "7") is None


def test_services_hold_every_version_they_list() -> None:
    listed = [
        {"version": "7", "name": "loan-seven"},
        {"version": "8", "name": "loan-eight", "port": 81},
    ]
    model = a_model(REST, serving={"services": listed})

    assert meaning(model, "7") == {"service": {"name": "loan-seven", "port": 80}}
    assert meaning(model, "8") == {"service": {"name": "loan-eight", "port": 81}}
    assert meaning(model, "9") is None

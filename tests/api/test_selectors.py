from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from knowngood.api.v1alpha1 import LabelSelector

LABELS = {"team": "lending", "tier": "1", "empty": ""}
KEYS = st.sampled_from(["team", "tier", "empty", "absent"])
VALUES = st.sampled_from(["lending", "1", "", "other"])
MAPS = st.dictionaries(KEYS, VALUES)


def demand(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ({}, True),
        ({"matchLabels": {}}, True),
        ({"matchLabels": {"team": "lending"}}, True),
        ({"matchLabels": {"team": "lending", "tier": "2"}}, False),
        ({"matchLabels": {"absent": ""}}, False),
        ({"matchLabels": {"empty": ""}}, True),
        (demand("team", "In", "cards", "lending"), True),
        (demand("team", "In", "cards"), False),
        (demand("absent", "In", ""), False),
        (demand("team", "NotIn", "lending"), False),
        (demand("team", "NotIn", "cards"), True),
        (demand("absent", "NotIn", "cards"), True),
        (demand("empty", "Exists"), True),
        (demand("absent", "Exists"), False),
        (demand("absent", "DoesNotExist"), True),
        (demand("empty", "DoesNotExist"), False),
        ({"matchLabels": {"team": "lending"}, **demand("tier", "In", "2")}, False),
        ({"matchLabels": {"team": "cards"}, **demand("tier", "In", "1")}, False),
        ({"matchLabels": {"team": "lending"}, **demand("tier", "In", "1")}, True),
    ],
)
def test_a_selector_chooses_as_kubernetes_does(selector: dict[str, Any], *, chosen: bool) -> None:
    assert LabelSelector.model_validate(selector).matches(LABELS) is chosen


def test_an_unknown_operator_is_refused_instead_of_ignored() -> None:
    with pytest.raises(ValidationError):
        LabelSelector.model_validate(demand("team", "Gt", "1"))


@given(labels=MAPS, key=KEYS, values=st.lists(VALUES, min_size=1, max_size=32))
def test_not_in_is_the_opposite_of_in(labels: dict[str, str], key: str, values: list[str]) -> None:
    inside = LabelSelector.model_validate(demand(key, "In", *values))
    outside = LabelSelector.model_validate(demand(key, "NotIn", *values))
    assert inside.matches(labels) is not outside.matches(labels)


@given(labels=MAPS, wanted=MAPS)
def test_match_labels_ask_for_a_part_of_the_labels(
    labels: dict[str, str], wanted: dict[str, str]
) -> None:
    selector = LabelSelector.model_validate({"matchLabels": wanted})
    assert selector.matches(labels) is (wanted.items() <= labels.items())

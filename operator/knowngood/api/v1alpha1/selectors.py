"""Label selectors, with the meaning that Kubernetes gives them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from knowngood.api.hints import cel, keyed, listed, validated_by
from knowngood.api.v1alpha1.wire import Wire

LABEL_KEY: Final = (
    r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
)
_VALUE: Final = r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$"

LabelKey = Annotated[str, Field(pattern=LABEL_KEY, max_length=317)]
LabelValue = Annotated[
    str, Field(pattern=_VALUE, max_length=63, description="The value of a label.")
]

_KEYS_ARE_VALID: Final = cel(
    f"self.all(k, size(k) <= 317 && k.matches('{LABEL_KEY}'))",
    "every key must be a valid label key",
)


class SelectorOperator(StrEnum):
    """How a label is compared: In, NotIn, Exists or DoesNotExist."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class LabelRequirement(Wire):
    """One demand on one label."""

    model_config = validated_by(
        cel(
            "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
            "values must be set for In and NotIn, and only for them",
            path=".values",
        )
    )

    key: LabelKey
    """The label's key."""

    operator: SelectorOperator
    """How the label is compared with the values: In, NotIn, Exists or DoesNotExist. NotIn also
    holds without the label."""

    values: Annotated[tuple[LabelValue, ...], listed(32)] = ()
    """The values; for In and NotIn only."""

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Say whether labels meet the demand."""
        match self.operator:
            case SelectorOperator.IN:
                return self.key in labels and labels[self.key] in self.values
            case SelectorOperator.NOT_IN:
                return self.key not in labels or labels[self.key] not in self.values
            case SelectorOperator.EXISTS:
                return self.key in labels
            case SelectorOperator.DOES_NOT_EXIST:
                return self.key not in labels


class LabelSelector(Wire):
    """Chooses objects by their labels: all demands must hold.

    An empty selector chooses every object.
    """

    match_labels: Annotated[Mapping[str, LabelValue], keyed(32, _KEYS_ARE_VALID)] = {}
    """Labels that an object must have with exactly these values."""

    match_expressions: Annotated[tuple[LabelRequirement, ...], listed(32)] = ()
    """Further demands on labels."""

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether an object with these labels is chosen."""
        exact = all(
            key in labels and labels[key] == value for key, value in self.match_labels.items()
        )
        return exact and all(demand.holds(labels) for demand in self.match_expressions)

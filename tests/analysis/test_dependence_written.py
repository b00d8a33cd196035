"""What is written down of how far requests depend on each other can be read again, whatever stands there."""

import pytest

from knowngood.analysis.dependence import assumed, value_of
from knowngood.api.v1alpha1.epochs import Basis, FixedEffect


@pytest.mark.parametrize(
    ("written", "read"),
    [("1.57", 1.57), ("12345", 999.0), ("inf", 999.0), ("0.2", 1.0), ("nan", 1.0), ("many", 1.0)],
)
def test_an_odd_number_is_never_more_evidence_than_it_says(written: str, read: float) -> None:
    found = FixedEffect(signal="errors", value=written, basis=Basis.PODS, message="")

    assert value_of(found) == read


def test_a_long_error_is_cut_to_what_can_be_written_down() -> None:
    assert len(assumed("errors", "x" * 9000).message) == 2048

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.analysis.dependence import assumed, fixed, value_of
from knowngood.analysis.design_effect import DesignEffect
from knowngood.api.v1alpha1 import Basis, FixedEffect
from knowngood.signals.hours import PodHour, counted, hourly, pod_hours
from knowngood.signals.selectors import Matcher, Operator, parse_selector
from knowngood.signals.series import RawSeries


def test_one_query_asks_each_target_for_each_hour() -> None:
    selector = parse_selector('requests_total{code="500"}')
    narrowed = (Matcher("pod", Operator.MATCHES, 'loan-7-.+"'),)

    assert hourly(selector, narrowed) == (
        "(sum by (envoy_cluster_name, exported_namespace, exported_pod, exported_service, model, model_version, "
        'namespace, pod, service) (increase(requests_total{code="500",pod=~"loan-7-.+\\""}[3600s])))[84600s:3600s]'
    )


def test_what_is_told_at_the_end_of_an_hour_was_counted_in_it() -> None:
    one = RawSeries({}, ((7200.0, 99.7), (10800.0, 40.2)))
    total = counted([("a", one), ("b", RawSeries({}, ((7200.0, -0.1),)))])
    events = counted([("a", RawSeries({}, ((7200.0, 101.4),)))])

    assert list(pod_hours(total, events)) == [
        PodHour("a", 1, 100, 100),
        PodHour("a", 2, 0, 40),
        PodHour("b", 1, 0, 0),
    ]


@pytest.mark.parametrize("value", ["", "x", "nan", "-3", "0", "0.99"])
def test_what_is_no_design_effect_counts_as_none(value: str) -> None:
    assert value_of(FixedEffect(signal="s", value=value, basis=Basis.PODS)) == 1.0


@given(st.floats(1, 1e300), st.floats(0, 1e300), st.floats(0, 1))
def test_whatever_is_measured_can_be_written_and_read(value: float, estimate: float, part: float) -> None:  # fmt: skip
    found = DesignEffect(value, Basis.PODS, estimate, 23, "lending/" + "p" * 253, part)

    written = FixedEffect.model_validate(fixed("s", "7", found).wire())

    assert math.isclose(value_of(written), min(value, 999.0), rel_tol=0.01)
    assert value_of(assumed("s", "why")) == 1.0

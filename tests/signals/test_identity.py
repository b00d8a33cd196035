"""Whose a series can be, by labels that may be forged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import IdentityBy
from knowngood.signals.identity import (
    anybody_may_claim,
    cluster_service,
    groups_of,
    objection,
    service_group,
)
from knowngood.signals.selectors import parse_selector

POD, SERVICE, ENVOY = IdentityBy.POD, IdentityBy.SERVICE, IdentityBy.ENVOY_CLUSTER
CLUSTER = "envoy_cluster_name"
OURS = {"namespace": "lending", "pod": "loan-8-5d-x", "service": "loan-8", CLUSTER: "a_b_80"}


@pytest.mark.parametrize(
    ("cluster", "place"),
    [
        ("ml_m-canary_80", ("ml", "m-canary")),
        ("ml_m-canary_65535", ("ml", "m-canary")),
        ("published", None),
        ("ml_m-canary", None),
        ("ml_m-canary_80_80", None),
        ("ml_m-canary_http", None),
        ("_m_80", None),
        ("ml_m\n_80", None),
        ("outbound|80||m.ml.svc.cluster.local", None),
        ("", None),
    ],
)
def test_a_cluster_of_the_gateway_names_one_service_or_none(
    cluster: str, place: tuple[str, str] | None
) -> None:
    assert cluster_service(cluster) == place


@pytest.mark.parametrize(
    ("by", "change", "words"),
    [
        (POD, {}, ""),
        (POD, {"pod": ""}, "no label pod"),
        (POD, {"namespace": "", "pod": ""}, "no label namespace and pod"),
        (POD, {"exported_pod": "loan-8-5d-x"}, ""),
        (POD, {"exported_pod": "loan-7-5d-x"}, "exported_pod contradicts pod"),
        (POD, {"exported_namespace": "cards"}, "exported_namespace contradicts namespace"),
        (POD, {"exported_service": "loan-7"}, ""),
        (SERVICE, {"exported_service": "loan-7"}, "exported_service contradicts service"),
        (SERVICE, {"pod": ""}, ""),
        (SERVICE, {"service": ""}, "no label service"),
        (ENVOY, {}, ""),
        (ENVOY, {CLUSTER: "published"}, f"{CLUSTER} is not <namespace>_<service>_<port>"),
        (ENVOY, {CLUSTER: ""}, f"no label {CLUSTER}"),
        (IdentityBy.LABELS, {}, "no label model and model_version"),
    ],
)
def test_a_series_that_contradicts_its_target_is_of_nobody(
    by: IdentityBy, change: dict[str, str], words: str
) -> None:
    assert objection(by, OURS | change) == words


@given(
    st.sampled_from(list(IdentityBy)),
    st.dictionaries(
        st.sampled_from([*OURS, "exported_pod", "model", "model_version"]), st.text(max_size=80)
    ),
)
def test_no_label_whatsoever_breaks_anything(by: IdentityBy, labels: dict[str, str]) -> None:
    objection(by, labels)
    assert all(len(group) == 2 for group in groups_of(labels))


def test_the_series_of_a_service_are_not_looked_for_among_those_of_a_pod_of_its_name() -> None:
    claimed = {"namespace": "cards", "pod": "x", CLUSTER: "lending_loan-8_80", "service": "loan-8"}

    assert set(groups_of(claimed)) == {
        ("cards", "x"),
        service_group(SERVICE, "cards", "loan-8"),
        service_group(ENVOY, "lending", "loan-8"),
    }
    assert ("lending", "loan-8") not in set(groups_of(claimed))


@pytest.mark.parametrize(
    ("matchers", "claimable"),
    [
        ('job="envoy"', False),
        ('namespace="projectcontour"', False),
        ('namespace=~"gateways|edge"', False),
        ("", True),
        ('envoy_response_code_class="5"', True),
        ('exported_job="envoy"', True),
        ('job!="models"', True),
        ('job=~".+"', True),
        ('job=~".*"', True),
        ('job=~"e.voy"', True),
        ('job=~"envoy|.*"', True),
        ('job=~"envoy|"', True),
        ('job=""', True),
    ],
)
def test_only_a_scrape_that_is_named_can_speak_as_the_gateway(
    matchers: str,
    claimable: bool,  # noqa: FBT001 - a table's column
) -> None:
    selector = parse_selector(f"envoy_cluster_upstream_rq_xx{{{matchers}}}")

    assert anybody_may_claim(ENVOY, selector) is claimable
    assert not anybody_may_claim(POD, selector)

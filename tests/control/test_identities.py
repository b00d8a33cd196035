"""Which version a series is of, for every way that a template may say it."""

from knowngood.api.v1alpha1 import IdentityBy, SignalTemplateSpec
from knowngood.control.arms import Arm, Arms
from knowngood.control.identities import Identifier
from knowngood.control.reading import Answers
from knowngood.control.specs import Unreadable, spec_of
from knowngood.signals.identity import groups_of
from knowngood.signals.planning import QueryKind
from knowngood.signals.series import RawSeries, Target

CANARY = Arm("8", "loan-8", "loan-8", 3)
STABLE = Arm("7", "seven", None, 3, frozenset({"theirs-0"}))
ARMS = Arms("lending", "u1", "loan", "d", CANARY, STABLE, 1000.0, 1010.0, 3600.0)
GATEWAY = {"job": "envoy", "instance": "10.0.0.9:18004"}


def series(**labels: str) -> RawSeries:
    return RawSeries({"__name__": "requests_total", **labels}, ((1000.0, 1.0),))


def found(by: IdentityBy, one: RawSeries) -> tuple[str | None, set[str]]:
    """The version of a series as the judge finds it, and why it was left out."""
    who = Identifier(ARMS, by)
    if not set(who.groups()) & set(groups_of(one.labels)):
        return None, set()
    target = who.target_of(one)
    return (who.version_of(target) if target else None), set(who.dropped)


def test_by_service_the_version_follows_from_the_service_that_was_scraped() -> None:
    by = IdentityBy.SERVICE
    ours = {"namespace": "lending", "service": "loan-8"}
    assert found(by, series(**ours, pod="loan-8-5d7f-abcde")) == ("8", set())
    assert found(by, series(**ours, instance="10.0.0.1:80")) == ("8", set())
    assert found(by, series(namespace="lending", service="seven", pod="theirs-0")) == ("7", set())
    assert found(by, series(namespace="cards", service="loan-8")) == (None, set())
    assert found(by, series(namespace="lending", service="other")) == (None, set())


def test_by_service_a_pod_of_somebody_else_speaks_for_nobody() -> None:
    """A scrape that attaches no service would let a pod export that label for its neighbour."""
    forged = series(namespace="lending", service="loan-8", pod="theirs-0")

    assert found(IdentityBy.SERVICE, forged) == (None, {"pod is not behind service"})


def test_by_cluster_the_gateway_speaks_for_a_service() -> None:
    by = IdentityBy.ENVOY_CLUSTER
    assert found(by, series(**GATEWAY, envoy_cluster_name="lending_loan-8_80")) == ("8", set())
    assert found(by, series(**GATEWAY, envoy_cluster_name="lending_seven_8080")) == ("7", set())
    assert found(by, series(**GATEWAY, envoy_cluster_name="cards_loan-8_80")) == (None, set())
    assert found(by, series(**GATEWAY, envoy_cluster_name="published")) == (None, set())


def test_two_gateways_are_two_places_that_are_counted_apart() -> None:
    who = Identifier(ARMS, IdentityBy.ENVOY_CLUSTER)
    name = {"envoy_cluster_name": "lending_loan-8_80"}
    pods = [series(**name, namespace="edge", pod=pod) for pod in ("envoy-a", "envoy-b")]

    targets = {who.target_of(one) for one in pods}

    assert targets == {
        Target("lending", "loan-8/edge/envoy-a"),
        Target("lending", "loan-8/edge/envoy-b"),
    }


def test_a_process_that_claims_another_pod_or_namespace_is_left_out_and_counted_once() -> None:
    who = Identifier(ARMS, IdentityBy.POD)
    liar = series(namespace="lending", pod="loan-8-5d-x", exported_namespace="cards")

    assert who.target_of(liar) is None
    assert who.target_of(liar) is None
    assert {why: len(left) for why, left in who.dropped.items()} == {
        "exported_namespace contradicts namespace": 1
    }


def test_pods_are_missing_only_where_each_of_them_would_be_read() -> None:
    everybody = {"8": 3, "7": 3}
    labels = {"namespace": "lending", "model": "loan", "model_version": "8"}

    def expected(by: IdentityBy, **more: str) -> object:
        answers = Answers()
        answers.series[QueryKind.TOTAL] = {("lending", "loan"): [series(**labels, **more)]}
        return Identifier(ARMS, by).expected(answers)

    assert expected(IdentityBy.POD) == everybody
    assert expected(IdentityBy.SERVICE) == everybody
    assert expected(IdentityBy.ENVOY_CLUSTER) == {}
    assert expected(IdentityBy.LABELS, pod="a") == everybody
    assert expected(IdentityBy.LABELS) == {}, "a recording rule"


def test_no_pod_is_missing_from_what_is_long_ago() -> None:
    """A canary that had one pod then and has three now was seen by all that there were."""
    answers = Answers(at=1000.0, asked=5000.0)

    assert Identifier(ARMS, IdentityBy.POD).expected(answers) == {}


def test_a_template_that_lets_any_pod_play_the_gateway_can_not_be_read() -> None:
    def of(events: str, total: str) -> object:
        body = {"ratio": {"events": events, "total": total}, "identity": {"by": "EnvoyCluster"}}
        return spec_of(SignalTemplateSpec.model_validate(body))

    named = 'rq{job="envoy"}'
    for found, field in ((of(named, "rq"), "total"), (of("rq", named), "events")):
        assert isinstance(found, Unreadable)
        assert found.message.startswith(f"spec.ratio.{field}: identity EnvoyCluster believes")
    assert not isinstance(of(named, named), Unreadable)

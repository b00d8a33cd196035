"""Signal templates that come with the chart: each can be read, and is on the page."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from knowngood.api.v1alpha1 import ClusterSignalTemplate, IdentityBy
from knowngood.control.specs import Unreadable, spec_of
from tests.chart.helm import Helm
from tests.chart.test_pages import _code, _rows

Json = dict[str, Any]

SIGNALS = Path(__file__).parents[2] / "docs" / "signals.md"
PRESETS = ("knowngood", "mlserver", "kserve", "envoy", "istio")


def templates(helm: Helm, *enabled: str, **more: object) -> dict[str, Json]:
    wanted: Json = {name: {"enabled": name in enabled} for name in PRESETS}
    objects = helm.template(values={"presets": wanted | more}).objects
    return {o["metadata"]["name"]: o for o in objects if o["kind"] == "ClusterSignalTemplate"}


def test_only_our_own_convention_is_there_by_default(rendered: list[Json]) -> None:
    names = {o["metadata"]["name"] for o in rendered if o["kind"] == "ClusterSignalTemplate"}

    assert names
    assert all(name.startswith("knowngood-") for name in names)


def test_every_preset_can_be_read(helm: Helm) -> None:
    found = templates(helm, *PRESETS)

    for body in found.values():
        template = ClusterSignalTemplate.model_validate(body)
        spec = spec_of(template.spec)
        assert not isinstance(spec, Unreadable), spec
        assert template.spec.source == "default"
    assert {name.split("-")[0] for name in found} == set(PRESETS)


@pytest.mark.parametrize("pair", list(combinations(PRESETS, 2)), ids="+".join)
def test_each_is_there_when_it_is_asked_for_and_not_otherwise(
    pair: tuple[str, str], helm: Helm
) -> None:
    assert {name.split("-")[0] for name in templates(helm, *pair)} == set(pair)


def test_the_page_tells_every_preset(helm: Helm) -> None:
    told = {_code(name)[0]: set(_code(preset)) for name, preset, *_ in _rows(SIGNALS, "signal")}

    assert told == {name: {name.split("-")[0]} for name in templates(helm, *PRESETS)}


def test_the_gateway_is_known_by_what_the_scrape_attaches(helm: Helm) -> None:
    target = {"enabled": True, "target": {"job": "envoy", "namespace": "edge"}}

    found = templates(helm, envoy=target)

    for body in found.values():
        spec = ClusterSignalTemplate.model_validate(body).spec
        assert spec.identity.by is IdentityBy.ENVOY_CLUSTER
        assert 'job="envoy",namespace="edge"' in str(spec.ratio)


def test_presets_are_read_from_a_source_that_there_is(helm: Helm) -> None:
    def source(presets: Json, **sources: str | None) -> set[str]:
        objects = helm.template(values={"presets": presets, "sources": sources}).objects
        found = [o for o in objects if o["kind"] == "ClusterSignalTemplate"]
        return {o["spec"]["source"] for o in found}

    assert source({}, near="http://near") == {"default"}
    assert source({}, default=None, near="http://near") == {"near"}
    assert source({"source": "far"}, near="http://near", far="http://far") == {"far"}
    two = {"sources": {"default": None, "far": "http://far", "near": "http://near"}}
    refusal = helm.template(values=two).refusal
    assert "presets.source: name one of sources (far, near), or set presets.knowngood" in refusal

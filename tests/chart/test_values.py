from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.decisions.retaining import Retention
from knowngood.settings import parse
from tests.chart.helm import CHART, Helm, one
from tests.chart.refused_values import BAD_VALUES, Bad

DEFAULTS: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())


@pytest.mark.parametrize("bad", BAD_VALUES, ids=str)
def test_a_bad_value_is_refused_with_its_name(bad: Bad, helm: Helm) -> None:
    refusal = helm.template(values=bad.values()).refusal

    assert "values don't meet the specifications of the schema" in refusal
    assert bad.names in refusal


def test_a_source_can_be_added_and_the_default_one_dropped(helm: Helm) -> None:
    sources = {"default": None, "long-term": "https://thanos.example.com/prefix"}

    arguments = _arguments(helm.template(values={"sources": sources}).objects)

    assert [a for a in arguments if a.startswith("--source")] == [
        "--source=long-term=https://thanos.example.com/prefix"
    ]


def test_the_chart_can_be_part_of_another_one(helm: Helm, tmp_path: Path) -> None:
    parent = tmp_path / "platform"
    (parent / "charts").mkdir(parents=True)
    (parent / "charts" / "knowngood").symlink_to(CHART)
    (parent / "Chart.yaml").write_text("{apiVersion: v2, name: platform, version: 0.1.0}\n")
    values = {"global": {"region": "north"}, "knowngood": {"tick": 2.5}}

    assert "--tick=2.5" in _arguments(helm.template(chart=parent, values=values).objects)


def _arguments(objects: list[dict[str, Any]]) -> list[str]:
    pod = one(objects, "Deployment")["spec"]["template"]["spec"]
    arguments: list[str] = pod["containers"][0]["args"]
    return arguments


def test_the_operator_takes_the_arguments_that_the_chart_gives(
    helm: Helm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POD_NAMESPACE", "somewhere")
    values = {"tick": 0.5, "logLevel": "DEBUG", "sources": {"b": "http://b:1/"}}
    settings = parse(_arguments(helm.template("lender", values=values).objects))

    urls = {name: source.url for name, source in settings.sources.items()}
    assert urls == {"default": DEFAULTS["sources"]["default"], "b": "http://b:1"}
    assert (settings.lease, settings.tick, settings.log_level) == ("lender", 0.5, "DEBUG")
    assert settings.namespace == "somewhere"
    assert settings.people_proved
    assert settings.auto_close_after == 168 * 3600
    assert settings.retention == Retention()


def test_names_are_believed_only_where_the_chart_proves_them(helm: Helm) -> None:
    objects = helm.template(values={"admission": {"enabled": False}}).objects

    assert not parse(_arguments(objects)).people_proved

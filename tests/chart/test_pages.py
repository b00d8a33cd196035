"""The tables that people read, against what they speak of."""

import re
from pathlib import Path
from typing import Any

import yaml

from knowngood.adapters.kubernetes import lease
from knowngood.analysis.verdicts import Evidence, Finding, Verdict
from knowngood.api.v1alpha1 import Phase, VerdictKind
from knowngood.telemetry.metrics import Metrics
from tests.chart.helm import CHART
from tests.chart.rights import USES, Right

INSTALL = Path(__file__).parents[2] / "docs" / "install.md"
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())


def _rows(page: Path, header: str) -> list[list[str]]:
    """Return the cells of the table under a header."""
    (table,) = re.findall(rf"^\| {header} \|.*\n\|[-|]+\|\n((?:\|.*\|\n)+)", page.read_text(), re.M)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]


def _code(cell: str) -> list[str]:
    return [word for text in re.findall(r"`([^`]*)`", cell) for word in text.split()]


def test_the_readme_tells_every_value_with_its_default() -> None:
    told = {}
    for name, default, meaning in _rows(CHART / "README.md", "value"):
        assert meaning
        told[name.strip("`")] = yaml.safe_load(default.strip("`"))

    grouped = ("image", "admission", "presets", "incidents", "feeds")
    inner = {f"{group}.{key}": v for group in grouped for key, v in VALUES[group].items()}
    assert told == {k: v for k, v in VALUES.items() if k not in grouped} | inner


def test_the_schema_knows_the_values_and_no_others() -> None:
    schema = yaml.safe_load((CHART / "values.schema.json").read_text())

    assert schema["properties"].keys() == VALUES.keys() | {"global"}
    for group in ("image", "admission", "presets", "incidents", "feeds"):
        assert schema["properties"][group]["properties"].keys() == VALUES[group].keys()


def test_the_page_tells_every_right_with_a_reason() -> None:
    told = []
    for group, resources, verbs, why in _rows(INSTALL, "group"):
        assert why
        told += [
            Right("".join(_code(group)), resource, verb, named="(its own)" in resources)
            for resource in _code(resources)
            for verb in _code(verbs)
        ]

    assert sorted(told) == sorted(USES)


def test_the_page_tells_every_metric_with_its_labels() -> None:
    told = {name.strip("`"): set(_code(labels)) for name, labels, _ in _rows(INSTALL, "metric")}

    assert told == _exported()


def _exported() -> dict[str, set[str]]:
    metrics, model = Metrics(), ("namespace", "model")
    trigger = ("IncidentPolicy", "policy", "trigger")
    metrics.model(*model, Phase.PENDING, {"1": 100})
    metrics.verdict(model, trigger, VerdictKind.HEALTHY)
    metrics.share(model, trigger, 1, 0.5, 0.5)
    evidence = Evidence(1, 1, 1, 1, 1, 1, 1, 1, 1, None, None, "")
    said = Verdict(VerdictKind.HEALTHY, Finding.NO_DIFFERENCE_SHOWN, "", 0, evidence)
    metrics.serving(model, {trigger: said})
    metrics.would_have_acted.labels(*model, *trigger)
    metrics.api_requests.labels("read")
    metrics.objects.labels("Incident")
    metrics.sources.labels("default")
    metrics.exported.labels("soc")
    metrics.export_failures.labels("soc")
    metrics.export_lost.labels("soc")
    metrics.export_lag("soc", 0)
    metrics.notifying.sent.labels("oncall")
    metrics.notifying.failures.labels("oncall")
    metrics.notifying.hooks.labels("oncall", "taken")
    metrics.notifying.lag("oncall", 0)
    metrics.show_dropped([{"signal": {"reason": 1}}])
    return {
        family.name + ("_total" if family.type == "counter" else ""): {
            label for sample in family.samples for label in sample.labels if label != "le"
        }
        for family in metrics.registry.collect()
    }


def test_the_page_speaks_of_the_lease_as_it_is() -> None:
    text = INSTALL.read_text()

    assert f"lasts {lease.DURATION} seconds" in " ".join(text.split())
    assert f"own clock {lease.RENEW_DEADLINE:.0f} seconds after the last renewal" in text
    assert f"unchanged for {lease.DURATION} seconds" in text
    assert lease.RETRY == 1.0
    assert "renews it every second" in text

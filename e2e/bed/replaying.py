"""A model whose pod plays the car-loan rows, and what watches it: a signal and a trigger for each feature."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from e2e.bed.loan import LoanModel
from e2e.replay.counting import deciles
from e2e.replay.image import NAME
from e2e.replay.rows import NUMBERS, WORDS, Decision

Json = dict[str, Any]

APPROVALS: Final = "approvals"
ACCURACY: Final = "accuracy"
FEATURES: Final[Mapping[str, str]] = {name.replace("_", "-"): name for name in (*NUMBERS, *WORDS)}
"""Trigger of each feature, and the feature's own name."""

POLICY: Final = "replay"


def replayed(namespace: str) -> LoanModel:
    """The model; no request is routed to it, for it has decided already."""
    return LoanModel(namespace=namespace, host=None, name="replay", image=f"{NAME}:dev")


def signals() -> Iterator[Json]:
    """One template for each feature, one for the approvals, and one for what turned out to be right."""
    for trigger, feature in FEATURES.items():
        matched = f'{{feature="{feature}"}}'
        if feature in NUMBERS:
            spec: Json = {"histogram": {"buckets": f"model_feature_bucket{matched}"}}
        else:
            counts = {"counts": f"model_feature_category_total{matched}", "by": "category"}
            spec = {"categories": counts}
        yield _template(trigger, spec)
    approved, made = 'model_predictions_total{outcome="approved"}', "model_predictions_total"
    yield _template(APPROVALS, {"ratio": {"events": approved, "total": made}})
    right, told = 'model_labelled_outcomes_total{correct="true"}', "model_labelled_outcomes_total"
    yield _template(ACCURACY, {"ratio": {"events": right, "total": told}})


def signal_of(trigger: str) -> str:
    """Name of a trigger's template: those are the whole cluster's."""
    return f"replay-{trigger}"


def policy(namespace: str) -> Json:
    """Hold the version that serves against its baseline: features that move, approvals and accuracy that fall."""
    spread = {"statistic": "PSI", "above": "0.1", "window": "1m", "minSamples": 1000}
    tests: dict[str, Json] = {name: {"distribution": spread} for name in FEATURES}
    tests[APPROVALS] = {"proportion": {"direction": "Either", "tolerance": "3pp"}}
    tests[ACCURACY] = {"proportion": {"direction": "Decrease", "tolerance": "1pp"}}
    triggers = [_trigger(name, test) for name, test in tests.items()]
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "IncidentPolicy",
        "metadata": {"name": POLICY, "namespace": namespace},
        "spec": {"selector": {}, "mode": "Act", "triggers": triggers},
    }


def write_table(rows: Sequence[Decision], directory: Path) -> tuple[Path, Path]:
    """Write what a person has of a validation: a table of decisions, and which column is which signal.

    Returns:
        The CSV file, and the map for `knowngood baseline from-csv`.
    """
    table, signal_map = directory / "validation.csv", directory / "signals.yaml"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*NUMBERS, *WORDS, "approved", "correct"])
        for row in rows:
            values = (*(row.numbers[n] for n in NUMBERS), *(row.words[w] for w in WORDS))
            writer.writerow([*values, row.approved, row.approved == row.repaid])
    edges = deciles(rows)
    columns: Json = {}
    for trigger, feature in FEATURES.items():
        cut = {"edges": list(edges[feature])} if feature in NUMBERS else {}
        columns[signal_of(trigger)] = {"column": feature, **cut}
    columns[signal_of(APPROVALS)] = {"column": "approved", "event": "True"}
    columns[signal_of(ACCURACY)] = {"column": "correct", "event": "True"}
    signal_map.write_text(yaml.safe_dump(columns), encoding="utf-8")
    return table, signal_map


def _template(trigger: str, spec: Json) -> Json:
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "ClusterSignalTemplate",
        "metadata": {"name": signal_of(trigger)},
        "spec": spec,
    }


def _trigger(name: str, test: Json) -> Json:
    ((kind, asked),) = test.items()
    return {
        "name": name,
        "signal": {"name": signal_of(name)},
        "roles": ["Stable"],
        "test": {kind: {"comparedTo": "Baseline", **asked}},
    }

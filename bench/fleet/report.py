"""The tables for people and the figures for machines."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.containment.machine import processors
from bench.fleet.figures import Seen, delays, missed, naive, promises, restarts, spans


def tables(seen: Seen) -> Sequence[Table]:
    """What was promised beside what was seen, and how the operator was meanwhile."""
    return [_promises(seen), _others(seen), _operator(seen)]


def figures(seen: Seen) -> dict[str, Any]:
    """The figures as they are written."""
    agree = [one.agrees for one in seen.counted.values()]
    return {
        "promises": {p.what: asdict(p) for p in promises(seen)},
        "naive": naive(seen),
        "harmed_seconds_to_detection": delays(seen),
        "models_counted_exactly": sum(agree),
        "models_counted": len(agree),
        "requests_published": sum(one.published[0] for one in seen.counted.values()),
        "requests_counted": sum(one.operator[0] for one in seen.counted.values()),
        "operator": [asdict(one) for one in spans(seen.states)],
        "operator_restarts": restarts(seen.states),
        "blind_at_most": max((one.blind for one in seen.states), default=0),
        "processors": processors(),
        "processors_busy": round(seen.processors_busy, 2),
        "missed": list(missed(seen)),
        "settings": asdict(seen.scenario),
        "states": [asdict(one) for one in seen.states],
    }


def write(seen: Seen, path: Path) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures(seen), indent=2) + "\n", encoding="utf-8")


def _promises(seen: Seen) -> Table:
    scenario = seen.scenario
    title = f"{scenario.models} models, {scenario.seconds / 3600:g} h, both versions alike"
    table = Table(title=title, title_justify="left")
    for column in ("false alarms", "promised, at most", "luck explains", "seen", "naive rules"):
        table.add_column(column, justify="left" if column == "false alarms" else "right")
    rules = naive(seen)
    for number, promise in enumerate(promises(seen)):
        said = f"{rules['any']} of {scenario.models}" if not number else "-"
        most, found = str(promise.most), str(promise.seen)
        table.add_row(promise.what, f"{promise.promised:.2f}", most, found, said)
    return table


def _others(seen: Seen) -> Table:
    table = Table(title="besides", title_justify="left", show_header=False)
    for rule, models in naive(seen).items():
        if rule != "any":
            table.add_row(f"naive rule {rule}", f"{models} of {seen.scenario.models} canaries")
    for name, seconds in delays(seen).items():
        said = "not found" if seconds is None else f"found after {seconds / 60:.1f} minutes"
        table.add_row(f"{name}, whose canary is worse", said)
    agree = [one.agrees for one in seen.counted.values()]
    requests = sum(one.published[0] for one in seen.counted.values())
    said = f"{sum(agree)} of {len(agree)}, {requests} requests of canaries in all"
    table.add_row("models counted to the last request", said)
    if again := restarts(seen.states):
        table.add_row("the operator began anew", f"{again} times")
    return table


def _operator(seen: Seen) -> Table:
    table = Table(title="the operator meanwhile", title_justify="left")
    heads = (
        "hours",
        "looks/h",
        "look",
        "CPU/look",
        "queries/look",
        "writes/look",
        "memory",
        "status",
    )
    for head in heads:
        table.add_column(head, justify="right")
    for one in spans(seen.states):
        table.add_row(
            f"{one.start:.0f}-{one.end:.0f}",
            f"{one.looks:.0f}",
            f"{one.look_ms:.0f} ms",
            f"{one.cpu_ms:.0f} ms",
            f"{one.queries:.2f}",
            f"{one.writes:.2f}",
            f"{one.memory_mb:.0f} MB",
            f"{one.status_bytes} B",
        )
    return table

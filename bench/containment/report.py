"""The table for people, the figures for machines, and what was asked of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.containment.containing import Contained
from bench.containment.fleet import Fleet
from bench.containment.machine import processors
from bench.containment.scenario import CONTAINMENT, TARGETS, Options, Part


@dataclass(slots=True)
class Results:
    """What was measured; parts that were not asked for are absent."""

    parts: dict[Part, Contained] = field(default_factory=dict)
    fleet: Fleet | None = None
    options: Options = field(default_factory=Options)


def figures(results: Results) -> dict[str, Any]:
    """The figures as they are written; None where a part was not measured."""
    parts, fleet = results.parts, results.fleet
    return {
        "runs": min((len(part.runs) for part in parts.values()), default=0),
        **{part.value: _spread(parts.get(part)) for part in CONTAINMENT},
        "failed_requests": sum(part.lost for part in parts.values()) if parts else None,
        "queries_per_tick": {str(c.models): round(c.queries, 2) for c in fleet.costs}
        if fleet
        else None,
        "api_writes_at_rest": int(fleet.rest.operator_writes) if fleet else None,
        "split": {part.value: _split(found) for part, found in parts.items()},
        "load": {part.value: _load(found) for part, found in parts.items()},
        "api_calls_per_tick": {
            str(c.models): {"reads": round(c.reads, 2), "writes": round(c.writes, 2)}
            for c in fleet.costs
        }
        if fleet
        else None,
        "tick_ms": {str(c.models): round(c.seconds * 1000, 1) for c in fleet.costs}
        if fleet
        else None,
        "rest": asdict(fleet.rest) if fleet else None,
        "processors": processors(),
        "settings": asdict(results.options),
        "moments": {part.value: [asdict(r) for r in found.runs] for part, found in parts.items()},
    }


def missed(results: Results) -> Sequence[str]:
    """Say which targets were not met."""
    return [*_late(results.parts), *_failed(results.parts), *_costly(results.fleet)]


def write(results: Results, path: Path) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures(results), indent=2) + "\n", encoding="utf-8")


def table(results: Results) -> str:
    """Lay the figures out for people; times in seconds, as median and 95th percentile."""
    lines: list[str] = []
    if results.parts:
        head = ("", "target", "containment", *_stages(results.parts.values()), "runs", "failed")
        rows = [_row(part, found) for part, found in results.parts.items()]
        lines += [*_aligned([head, *rows]), ""]
        lines += [_beside(part, found) for part, found in results.parts.items()]
    if results.fleet:
        head = ("rollouts at once", "queries/tick", "reads/tick", "writes/tick", "tick")
        rows = [
            (
                str(c.models),
                f"{c.queries:.2f}",
                f"{c.reads:.2f}",
                f"{c.writes:.2f}",
                f"{c.seconds * 1000:.0f} ms",
            )
            for c in results.fleet.costs
        ]
        rest = results.fleet.rest
        lines += ["", *_aligned([head, *rows]), ""]
        lines.append(
            f"{rest.models} models at rest for {rest.seconds:.0f} s: {rest.operator_writes:.0f} "
            f"writes by the operator's count, {rest.server_writes:.0f} by the API server's "
            f"(and {rest.lease_renewals:.0f} to Leases)"
        )
    return "\n".join(lines)


def _spread(part: Contained | None) -> Mapping[str, float] | None:
    if part is None:
        return None
    return {key: round(value, 2) for key, value in asdict(part.containment).items()}


def _split(part: Contained) -> Mapping[str, Any]:
    return {
        stage: {key: round(value, 3) for key, value in asdict(found).items()}
        for stage, found in part.split.items()
    }


def _load(part: Contained) -> Mapping[str, Any]:
    return {
        "requests": part.requests,
        "false_alarms": part.false_alarms,
        "bad_answers_median": part.bad_answers.median_s,
        "models_side_by_side": part.lanes,
        "processors_busy": round(part.busy, 2),
        "programs_running_or_waiting": round(part.queue, 1),
    }


def _late(parts: Mapping[Part, Contained]) -> Iterable[str]:
    for part, found in parts.items():
        median, most = found.containment.median_s, TARGETS[part]
        if median > most:
            yield f"{part}: the median is {median:.1f} s, at most {most:g} s are wanted"


def _failed(parts: Mapping[Part, Contained]) -> Iterable[str]:
    for part, found in parts.items():
        if found.lost:
            yield f"{part}: {found.lost} requests failed although no model was told to fail them"


def _costly(fleet: Fleet | None) -> Iterable[str]:
    if fleet is None:
        return
    fewest, most = fleet.costs[0], fleet.costs[-1]
    # A round that is under way when the counters are read has asked and is not counted yet.
    if round(most.queries) > round(fewest.queries):
        yield f"queries grow from {fewest.queries:.2f} to {most.queries:.2f} per tick"
    if fleet.rest.operator_writes or fleet.rest.server_writes:
        yield "something was written while nothing changed"


def _stages(parts: Iterable[Contained]) -> Sequence[str]:
    return next(tuple(found.split) for found in parts)


def _row(part: Part, found: Contained) -> Sequence[str]:
    spreads = (found.containment, *found.split.values())
    times = (f"{one.median_s:.2f} ({one.p95_s:.2f})" for one in spreads)
    return (part.value, f"<= {TARGETS[part]:g}", *times, str(len(found.runs)), str(found.lost))


def _beside(part: Part, found: Contained) -> str:
    return (
        f"{part}: {found.requests} requests, {found.lanes} models side by side, processors "
        f"{found.busy:.0%} busy (load {found.queue:.1f}), "
        f"{found.bad_answers.median_s:.0f} bad answers in a median run, {found.false_alarms} false "
        f"alarms before the harm"
    )


def _aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

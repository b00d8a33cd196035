"""The live screen: everything that is known now, drawn anew several times a second."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from e2e.demo.figures import WINDOW_S, VersionFigures
from e2e.demo.judgement import Judgement
from e2e.demo.observation import Happening, IncidentView, Observation
from e2e.demo.watcher import View
from e2e.load import Ledger

_COLOURS: Final = {
    "Healthy": "green",
    "Breached": "bold white on red",
    "Inconclusive": "yellow",
    "NoData": "magenta",
    "ObserverError": "magenta",
    "Probation": "green",
    "RollingBack": "bold red",
    "RolledBack": "red",
    "Canary": "yellow",
    "Stable": "green",
}
_EVENTS_SHOWN: Final = 5
_BAR: Final = 12


def screen(view: View, rows: Sequence[VersionFigures], ledger: Ledger | None) -> RenderableType:
    """Draw one frame."""
    model = view.model
    parts: list[RenderableType] = [_headline(model), _versions(rows), _verdicts(view.judgements)]
    parts.append(_story(model.events[-_EVENTS_SHOWN:]))
    if model.incident is not None:
        parts.append(_incident(model.incident))
    parts += [Text(f"{kind}: {text}", "magenta") for kind, text in (model.conditions or {}).items()]
    if view.trouble:
        parts.append(Text(f"the last look failed: {view.trouble}", "magenta"))
    return Panel(Group(*parts), title="Knowngood guards loan-approval", subtitle=_footer(ledger))


def percent(share: float | None) -> str:
    """Write a share as people do: `49.4 %`, or a dash."""
    return "-" if share is None else f"{share * 100:.1f} %"


def clock_time(time: datetime) -> str:
    """Write a time of the day on this machine, to the second."""
    return time.astimezone().strftime("%H:%M:%S")


def _headline(model: Observation) -> Text:
    line = Text("phase ").append(model.phase or "unknown", _COLOURS.get(model.phase, "cyan"))
    if model.canary:
        line.append(f"   version {model.canary}: step {min(model.step + 1, model.steps)}")
        line.append(f" of {model.steps}")
        if model.waiting_for not in {"", "None"}:
            line.append(f", waits for {model.waiting_for.lower()}")
    return line


def _versions(rows: Sequence[VersionFigures]) -> Table:
    table = Table(box=None, pad_edge=False, title_justify="left")
    table.title = f"\nwhat users got in the last {WINDOW_S:.0f} seconds"
    for column in ("version", "", "weight", "answers", "", "approves", "", "of"):
        table.add_column(column, no_wrap=True)
    for row in rows:
        rate = row.tally.approval_rate
        table.add_row(
            row.version,
            Text(row.role, _COLOURS.get(row.role, "")),
            "-" if row.wanted is None else f"{row.wanted} %",
            Bar(1, 0, row.share, width=_BAR, color="blue"),
            percent(row.share),
            Bar(1, 0, rate or 0, width=_BAR, color="cyan"),
            percent(rate),
            str(row.tally.decisions),
        )
    return table


def _verdicts(judgements: Sequence[Judgement]) -> Table:
    table = Table(box=None, pad_edge=False, title_justify="left")
    table.title = "\nwhat Knowngood makes of it"
    for column in ("trigger", "verdict", "canary", "stable", "judged requests"):
        table.add_column(column, no_wrap=True)
    for one in judgements:
        verdict = Text(one.kind, _COLOURS.get(one.kind, ""))
        table.add_row(
            one.trigger, verdict, percent(one.canary), percent(one.stable), str(one.samples)
        )
    if not judgements:
        table.add_row(Text("no canary: nothing to judge", "dim"))
    return table


def _story(events: Sequence[Happening]) -> Table:
    table = Table(box=None, pad_edge=False, title_justify="left", show_header=False)
    table.title = "\nwhat it did"
    table.add_column(no_wrap=True, min_width=8)
    table.add_column(no_wrap=True, min_width=14)
    table.add_column(no_wrap=True, overflow="ellipsis")  # the incident says it in full
    for event in events:
        style = "red" if event.warning else ""
        table.add_row(clock_time(event.time), Text(event.what, style), event.text)
    return table


def _incident(incident: IncidentView) -> Text:
    line = Text(f"\nincident {incident.name}, version {incident.version}: {incident.phase}", "bold")
    return line.append(f"\n{incident.summary}", "dim")


def _footer(ledger: Ledger | None) -> str:
    if ledger is None:
        return "no traffic yet"
    lost = len(ledger.lost())
    colour = "red" if lost else "green"
    return f"{len(ledger)} requests, [{colour}]{lost} failed[/{colour}]"

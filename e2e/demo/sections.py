"""What the live screen is made of, from top to bottom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from rich.bar import Bar
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from e2e.demo.figures import WINDOW_S, VersionFigures
from e2e.demo.judgement import Judgement
from e2e.demo.lines import Clipped
from e2e.demo.observation import Happening, IncidentView, Observation
from e2e.demo.watcher import View
from e2e.demo.words import clock_time, percent, standing

_KINDS: Final = {
    "Healthy": "green",
    "Breached": "bold white on red",
    "Inconclusive": "yellow",
    "NoData": "magenta",
    "ObserverError": "magenta",
}
_COLOURS: Final = {
    **_KINDS,
    "Probation": "green",
    "RollingBack": "bold red",
    "RolledBack": "red",
    "Contained": "yellow",
    "Guarding": "green",
    "Canary": "yellow",
    "Stable": "green",
}
_BAR: Final = 12
_PERCENT: Final = len("100.0 %")
_VERSIONS: Final = 3  # of which the oldest one's last answers are seen for ten seconds more
_TRIGGERS: Final = 2
_NEWEST: Final = 2  # lines, so that its numbers are seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What there is room for.

    Attributes:
        gaps: An empty line between sections.
        titles: A line that says what a section is.
        spare: Empty rows for what will come, so that what is below them does not move then.
        events: How many events.
        sentence: How many lines a sentence may take.
        verdicts: What the triggers say.
    """

    gaps: bool = True
    titles: bool = True
    spare: bool = True
    events: int = 4
    sentence: int = 4
    verdicts: bool = True


FULL: Final = Cut()


def sections(view: View, rows: Sequence[VersionFigures], cut: Cut) -> Iterator[RenderableType]:
    """Yield the parts of a frame."""
    model = view.model
    yield _headline(model)
    yield from _title(f"what users got in the last {WINDOW_S:.0f} seconds", cut)
    yield _versions(rows, cut)
    if cut.verdicts:
        yield from _title("what Knowngood makes of it", cut)
        yield _verdicts(view.judgements, model, cut)
    yield from _title("what it did", cut)
    yield _story(model, cut)
    if model.incident is not None:
        yield from _incident(model.incident, cut)
    for kind, text in (model.conditions or {}).items():
        yield Clipped(f"{kind}: {text}", cut.sentence, "magenta")
    if view.trouble:
        yield Clipped(f"the last look failed: {view.trouble}", cut.sentence, "magenta")


def _title(text: str, cut: Cut) -> Iterator[Text]:
    if cut.gaps:
        yield Text()
    if cut.titles:
        yield Text(text, "italic")


def _headline(model: Observation) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    if model.phase:
        line.append("phase ").append(model.phase, _COLOURS.get(model.phase, "cyan")).append("   ")
    return line.append(standing(model))


def _versions(rows: Sequence[VersionFigures], cut: Cut) -> Table:
    table = _table(
        _Column("version", 7),
        _Column("", 6),
        _Column("weight", 6, "right"),
        _Column("answers", _BAR),
        _Column("", _PERCENT, "right"),
        _Column("approves", _BAR),
        _Column("", _PERCENT, "right"),
        _Column("of", 5, "right"),
    )
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
    return _filled(table, _VERSIONS, cut)


def _verdicts(judgements: Sequence[Judgement], model: Observation, cut: Cut) -> RenderableType:
    if not judgements:
        text = "nothing to judge yet" if model.canary else "no canary: nothing to judge"
        lines = 1 + _TRIGGERS if cut.spare else 1  # as many as the table will take
        return Clipped(text, lines, "dim", steady=True)
    table = _table(
        _Column("trigger", 18),
        _Column("verdict", max(map(len, _KINDS))),
        _Column("canary", _PERCENT, "right"),
        _Column("stable", _PERCENT, "right"),
        _Column("judged requests", 15, "right"),
    )
    for one in judgements:
        verdict = Text(one.kind, _COLOURS.get(one.kind, ""))
        table.add_row(
            one.trigger, verdict, percent(one.canary), percent(one.stable), str(one.samples)
        )
    return _filled(table, _TRIGGERS, cut)


def _story(model: Observation, cut: Cut) -> Table:
    table = _table(_Column("", 8), _Column("", 14), _Column("", 0))
    table.columns[-1].no_wrap = False  # else it would take the width of the others, too
    table.show_header = False
    events = model.events[-cut.events :]
    for event in events:
        newest = event is events[-1]
        text = _told(event, model.incident)
        table.add_row(
            clock_time(event.time),
            Text(event.what, "red" if event.warning else ""),
            Clipped(text, _NEWEST if newest else 1, steady=newest and cut.spare),
        )
    return _filled(table, cut.events, cut)


def _told(event: Happening, incident: IncidentView | None) -> str:
    """Leave out of an event what the incident below says in full."""
    head, _, reason = event.text.partition(": ")
    said = incident is not None and reason != "" and reason in incident.summary
    return f"{head} (why: see the incident)" if said else event.text


def _incident(incident: IncidentView, cut: Cut) -> Iterator[RenderableType]:
    if cut.gaps:
        yield Text()
    line = f"incident {incident.name}, version {incident.version}: {incident.phase}"
    yield Text(line, "bold", no_wrap=True, overflow="ellipsis")
    yield Clipped(incident.summary, cut.sentence, "dim")
    asked = ", ".join(f"{a.type} ({a.id})" for a in incident.actions if a.state == "Waiting")
    if asked:
        yield Clipped(f"people are asked: {asked}", 1, "bold yellow")


class _Column(NamedTuple):
    """Columns keep their width, whatever the numbers in them become."""

    name: str
    width: int
    justify: Literal["left", "right"] = "left"


def _table(*columns: _Column) -> Table:
    table = Table(box=None, pad_edge=False)
    for name, width, justify in columns:
        table.add_column(name, min_width=width, justify=justify, no_wrap=True)
    return table


def _filled(table: Table, rows: int, cut: Cut) -> Table:
    for _ in range(rows - table.row_count if cut.spare else 0):
        table.add_row()
    return table

"""What a replay has found, for people and for machines."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from knowngood.api.v1alpha1 import Incident, VerdictKind
from knowngood.cli.views.incident import show
from knowngood.cli.views.lines import Line, Part, Tone, section
from knowngood.cli.views.phrases import moment
from knowngood.decisions.timeline import span
from knowngood.rehearsal.told import Act, Entry, Matter, Rehearsed

_TONES: Final[Mapping[Matter, Tone]] = {Matter.HELD: Tone.WARNING, Matter.DONE: Tone.BAD}
_FOUND: Final[Mapping[VerdictKind | None, Tone]] = {
    VerdictKind.BREACHED: Tone.BAD,
    VerdictKind.NO_DATA: Tone.WARNING,
    VerdictKind.OBSERVER_ERROR: Tone.WARNING,
}
_STOPS: Final = (
    "what follows is not replayed: the users that were recorded stayed where they were, so their answers say nothing "
    "of what would have been after it"
)


def replayed(found: Rehearsed) -> tuple[Part, ...]:
    """Tell it to people."""
    beside = f", version {found.standby} stands by" if found.standby else ", nobody stands by"
    if found.rollout:
        beside = f", version {found.rollout} is rolled out beside it"
    return (
        Line(f"{found.model} in {found.namespace}, replayed; nothing is moved", tone=Tone.TITLE),
        Line(f"version {found.stable} serves{beside}", head="  "),
        Line(f"{moment(found.begins)} to {moment(found.until)}", head="  "),
        *(Line(note, head="  note  ", tone=Tone.WARNING) for note in found.notes),
        *section("What would have been seen and done", tuple(_entry(e) for e in found.entries)),
        *_incident(found),
        *section("In short", _short(found)),
    )


def replayed_json(found: Rehearsed) -> dict[str, Any]:
    """Tell it to machines."""
    text: dict[str, Any] = _plain(asdict(found))
    return text


def _entry(entry: Entry) -> Line:
    tone = _TONES.get(entry.matter) or _FOUND.get(entry.verdict, Tone.PLAIN)
    return Line(f"{entry.matter}: {entry.text}", head=f"  {moment(entry.at)}  ", tone=tone)


def _incident(found: Rehearsed) -> tuple[Part, ...]:
    if found.incident is None:
        return ()
    told = show(Incident.model_validate(found.incident), None)
    text = "The incident as it would read; it was not opened, so its commands find nothing"
    return (Line(), Line(text, tone=Tone.TITLE), *told)


def _short(found: Rehearsed) -> tuple[Line, ...]:
    if not found.acts:
        return (Line("nothing would have been done", head="  ", tone=Tone.GOOD), *_observed(found))
    lines = [Line(f"{_act(act)}", head="  ", tone=Tone.WARNING) for act in found.acts]
    last = found.acts[-1]
    text = _STOPS if last.moves else "nothing would have been shifted"
    return (*lines, Line(text, head="  "))


def _observed(found: Rehearsed) -> tuple[Line, ...]:
    """Breaches that nothing follows from."""
    breached = VerdictKind.BREACHED
    seen = [e for e in found.entries if e.verdict is breached]
    if not seen:
        return ()
    times = "once" if len(seen) == 1 else f"{len(seen)} times"
    text = f"a trigger was breached all the same ({times}): it only observes, or holds promotions"
    return (Line(text, head="  ", tone=Tone.WARNING),)


def _act(act: Act) -> str:
    after = ""
    if act.onset is not None:
        late = span(act.at, act.onset) if act.at > act.onset else "0s"
        after = f", {late} after it began (estimated {moment(act.onset)})"
    return f"{moment(act.at)}{after}: {act.text}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return moment(value) if isinstance(value, datetime) else value

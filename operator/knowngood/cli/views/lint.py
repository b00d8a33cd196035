"""A policy, looked at before it is applied."""

from collections.abc import Iterator, Mapping, Sequence

from knowngood.analysis.seeing import Traffic
from knowngood.analysis.wording import count, percentage
from knowngood.api.v1alpha1 import ClusterSignalTemplate, PolicyMode, PolicySpec
from knowngood.cli.views.lines import Line, Part, Tone, facts, section
from knowngood.decisions.linting import Linted

Templates = Mapping[str, ClusterSignalTemplate]


def linted(
    title: str, spec: PolicySpec, found: Sequence[Linted], traffic: Traffic, templates: Templates
) -> tuple[Part, ...]:
    """Tell what each trigger promises and sees, and its traps."""
    told: list[Part] = [Line(title, tone=Tone.TITLE), Line(_assumed(traffic), head="  ")]
    if spec.mode is PolicyMode.OBSERVE:
        told.append(Line("mode Observe: it tells, and takes no version back", head="  "))
    told.extend(Line(text, head="  note     ") for text in _unknown(spec, templates))
    for one in found:
        told.extend(section(f"Trigger {one.name}", _lines(one)))
    return tuple(told)


def _unknown(spec: PolicySpec, templates: Templates) -> Iterator[str]:
    names = sorted({t.signal.name for t in spec.triggers}.difference(templates))
    if not names:
        return
    whose, is_are, its = (
        (f"signal {names[0]}", "is", "its")
        if len(names) == 1
        else (f"signals {', '.join(names)}", "are", "their")
    )
    template = "the template" if is_are == "is" else "the templates"
    yield (
        f"{template} of {whose} {is_are} not known here: {its} segments, if any, are not counted; all requests are "
        "taken together"
    )


def _assumed(traffic: Traffic) -> str:
    return (
        f"for a canary with {count(round(traffic.per_hour))} requests an hour at {percentage(traffic.share)} of them, "
        f"and a stable share of events of {percentage(traffic.base)}; for harm from the first request on, four times "
        "out of five"
    )


def _lines(found: Linted) -> tuple[Line, ...]:
    does = "acts" if found.acts else "only tells"
    told = facts(
        [
            ("test", f"{found.kind} of signal {found.signal}; it {does}"),
            ("sees", found.sees),
            ("proof", found.proof),
            ("promise", found.promise),
        ]
    )
    traps = (Line(text, head="  trap     ", tone=Tone.WARNING) for text in found.traps)
    return (*told, *traps, *(Line(text, head="  note     ") for text in found.notes))

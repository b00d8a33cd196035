"""A policy, looked at before it is applied."""

from knowngood.analysis.seeing import Traffic
from knowngood.analysis.wording import count, percentage
from knowngood.api.v1alpha1 import PolicyMode, PolicySpec
from knowngood.cli.views.lines import Line, Part, Tone, facts, section
from knowngood.decisions.linting import Linted, lint


def linted(title: str, spec: PolicySpec, traffic: Traffic) -> tuple[Part, ...]:
    """Tell what each trigger promises and sees, and its traps."""
    told: list[Part] = [Line(title, tone=Tone.TITLE), Line(_assumed(traffic), head="  ")]
    if spec.mode is PolicyMode.OBSERVE:
        told.append(Line("mode Observe: it tells, and takes no version back", head="  "))
    for found in lint(spec, traffic):
        told.extend(section(f"Trigger {found.name}", _lines(found)))
    return tuple(told)


def has_traps(spec: PolicySpec, traffic: Traffic) -> bool:
    """Whether anything is odd."""
    return any(found.traps for found in lint(spec, traffic))


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
            ("promise", found.promise),
        ]
    )
    traps = (Line(text, head="  trap     ", tone=Tone.WARNING) for text in found.traps)
    return (*told, *traps, *(Line(text, head="  note     ") for text in found.notes))

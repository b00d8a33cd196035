"""A policy, looked at before it is applied."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from knowngood.analysis.seeing import Traffic
from knowngood.analysis.wording import count, percentage
from knowngood.api.v1alpha1 import ClusterSignalTemplate, JudgedRole, PolicyMode, PolicySpec
from knowngood.cli.views.lines import Line, Part, Tone, facts, section
from knowngood.cli.views.whole import meant
from knowngood.decisions.linting import Linted

Templates = Mapping[str, ClusterSignalTemplate]


@dataclass(frozen=True, slots=True)
class Around:
    """What is told of a policy beside its triggers.

    Attributes:
        title: Its kind and name.
        meanings: Of its approval, limits and escalation, each with its head.
        traps: What of it is about nothing.
        serving: What follows from a breach of what serves, by the trigger.
    """

    title: str
    meanings: Sequence[tuple[str, str]] = ()
    traps: Sequence[str] = ()
    serving: Mapping[str, str] = field(default_factory=dict)


def linted(
    around: Around,
    spec: PolicySpec,
    found: Sequence[Linted],
    traffic: Traffic,
    templates: Templates,
) -> tuple[Part, ...]:
    """Tell what each trigger promises and sees, what the policy as a whole means, and all traps."""
    told: list[Part] = [Line(around.title, tone=Tone.TITLE)]
    if any(JudgedRole.CANARY in t.roles for t in spec.triggers):
        told.append(Line(_assumed(traffic), head="  "))
    if around.serving:
        told.append(Line(_of_what_serves(traffic), head="  "))
    if spec.mode is PolicyMode.OBSERVE:
        told.append(Line("mode Observe: it tells, and takes no version back", head="  "))
    told.extend(facts(list(around.meanings)))
    told.extend(Line(text, head="  trap     ", tone=Tone.WARNING) for text in around.traps)
    told.extend(Line(text, head="  note     ") for text in _unknown(spec, templates))
    for one in found:
        told.extend(section(f"Trigger {one.name}", _lines(one, around.serving.get(one.name, ""))))
    return tuple(told)


def _of_what_serves(traffic: Traffic) -> str:
    every = count(round(traffic.per_hour / traffic.share))
    return f"for a version that serves, with {every} requests an hour while nothing is rolled out"


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
        f"taken together{meant(names[0], templates) if len(names) == 1 else ''}"
    )


def _assumed(traffic: Traffic) -> str:
    return (
        f"for a canary with {count(round(traffic.per_hour))} requests an hour at {percentage(traffic.share)} of them, "
        f"and a stable share of events of {percentage(traffic.base)}; for harm from the first request on, four times "
        "out of five"
    )


def _lines(found: Linted, follows: str) -> tuple[Line, ...]:
    does = "acts" if found.acts else "only tells"
    if follows:
        does = "is for what serves" if found.acts else "is for what serves, and only tells"
    told = facts(
        [
            ("test", f"{found.kind} of signal {found.signal}; it {does}"),
            ("serving", follows),
            ("sees", found.sees),
            ("proof", found.proof),
            ("promise", found.promise),
        ]
    )
    traps = (Line(text, head="  trap     ", tone=Tone.WARNING) for text in found.traps)
    return (*told, *traps, *(Line(text, head="  note     ") for text in found.notes))

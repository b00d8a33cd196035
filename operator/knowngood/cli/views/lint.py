"""A policy, looked at before it is applied."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel

from knowngood.analysis.seeing import Traffic
from knowngood.analysis.wording import count, percentage
from knowngood.api.v1alpha1 import PolicyMode, PolicySpec
from knowngood.cli.views.lines import Line, Part, Tone, facts, section
from knowngood.decisions.linting import Linted, lint

_TESTS: Final = ("proportion", "threshold", "distribution", "rate", "disagreement")


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


def unknown_fields(model: type[BaseModel], body: Mapping[str, Any], where: str) -> list[str]:
    """Fields that no resource of this version has; the API server would drop them in silence."""
    known = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    wrong = [f"{where}.{name}: there is no such field" for name in body if name not in known]
    for name, value in body.items():
        inner = next(_models(known.get(name)), None)
        if inner is None:
            continue
        items = enumerate(value) if isinstance(value, list) else [(None, value)]
        for number, item in items:
            path = f"{where}.{name}" if number is None else f"{where}.{name}[{number}]"
            if isinstance(item, Mapping):
                wrong += unknown_fields(inner, item, path)
    return wrong


def _models(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def broken_rules(spec: PolicySpec) -> list[str]:
    """What the API server would refuse by the rules that stand beside the schema."""
    wrong: list[str] = []
    for number, trigger in enumerate(spec.triggers):
        where = f"spec.triggers[{number}].test"
        test = trigger.test
        wrong += _one_of(where, test, _TESTS)
        if test.threshold is not None:
            wrong += _one_of(f"{where}.threshold", test.threshold, ("above", "below"))
            wrong += _one_of(f"{where}.threshold", test.threshold, ("window", "samples"))
        if test.rate is not None and (test.rate.compared_to.value == "Limit") != bool(
            test.rate.above
        ):
            wrong.append(f"{where}.rate.above: must be set with comparedTo Limit, and only then")
        pairs = test.disagreement
        if pairs is not None and (pairs.kind.value == "Any") != bool(pairs.above):
            wrong.append(f"{where}.disagreement.above: must be set with kind Any, and only then")
    names = [trigger.name for trigger in spec.triggers]
    wrong += [
        f"spec.triggers: {name} is there twice"
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    return wrong


def _one_of(where: str, part: BaseModel, names: Sequence[str]) -> list[str]:
    is_set = [name for name in names if getattr(part, name) is not None]
    return [] if len(is_set) == 1 else [f"{where}: exactly one of {', '.join(names)} must be set"]

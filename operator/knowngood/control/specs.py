"""What a signal template asks for, ready to be planned; cached, because templates seldom change."""

from dataclasses import dataclass
from functools import lru_cache

from knowngood.api.v1alpha1 import SignalTemplateSpec
from knowngood.signals.planning import RatioSpec, ValueSpec
from knowngood.signals.selectors import parse_selector
from knowngood.signals.tokens import SelectorError


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A template that cannot be read, and why: the text names the field."""

    message: str


def spec_of(template: SignalTemplateSpec) -> RatioSpec | ValueSpec | Unreadable:
    """Parse a template."""
    if template.value is not None:
        return ValueSpec(template.value.query)
    if template.ratio is None:
        return Unreadable("spec: one of ratio and value must be set")
    return _ratio(template.ratio.events, template.ratio.total)


@lru_cache(maxsize=512)
def _ratio(events: str, total: str) -> RatioSpec | Unreadable:
    parsed = []
    for field, text in (("events", events), ("total", total)):
        try:
            parsed.append(parse_selector(text))
        except SelectorError as error:
            return Unreadable(f"spec.ratio.{field}: {error}")
    return RatioSpec(*parsed)

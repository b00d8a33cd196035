"""The rules of a policy's schema once more, in Python: for whoever reads a policy without an API server.

They are no validators of the models: the API server lets objects stay that are older than a rule, and the operator has
to read those. Each is known by the words that a user reads, and a test holds both against the same bad policies.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from knowngood.api.checking import Holds
from knowngood.api.hints import DURATION_PATTERN
from knowngood.api.v1alpha1.scalars import seconds
from knowngood.api.v1alpha1.selectors import LABEL_KEY

_Written = Mapping[str, Any]

_SPAN: Final = re.compile(r"must be between (\S+) and (\S+)")
_ONE_OF: Final = re.compile(r"exactly one of (.+) must be set")


def twin_of(message: str) -> Holds | None:
    """The rule with this message; None: it is not known here."""
    if span := _SPAN.fullmatch(message):
        return partial(_is_between, seconds(span[1]), seconds(span[2]))
    if names := _ONE_OF.fullmatch(message):
        return partial(_has_one, names[1].split(", "))
    compared = message.partition(".comparedTo: Stable compares a canary")
    return partial(_is_for_its_roles, compared[0]) if compared[1] else _TWINS.get(message)


def _is_between(shortest: float, longest: float, value: str) -> bool:
    return not re.fullmatch(DURATION_PATTERN, value) or shortest <= seconds(value) <= longest


def _has_one(names: list[str], value: _Written) -> bool:
    return sum(_has(value, name) for name in names) == 1


def _has(value: _Written, *path: str) -> bool:
    for name in path:
        if value.get(name) is None:
            return False
        value = value[name]
    return True


def _is_for_its_roles(test: str, trigger: _Written) -> bool:
    if not _has(trigger, "test", test):
        return True
    is_beside: bool = trigger["test"][test]["comparedTo"] == "Stable"
    return is_beside != (trigger.get("roles") == ["Stable"])


def _names_its_triggers(spec: _Written) -> bool:
    known = {trigger["name"] for trigger in spec["triggers"]}
    whens = [one["when"] for one in spec.get("responses") or () if _has(one, "when")]
    return all(known.issuperset(when.get("triggers") or ()) for when in whens)


def _is_for_what_serves(action: str, response: _Written) -> bool:
    if not any(_has(one, action) for one in response.get("actions") or ()):
        return True
    return _has(response, "when", "roles") and response["when"]["roles"] == ["Stable"]


def _claim_is_critical(trigger: _Written) -> bool:
    is_asked = _has(trigger, "test", "proportion", "nonInferior")
    return not is_asked or trigger.get("critical") is not False


def _is_remembered_with_tolerance(test: _Written) -> bool:
    if test["comparedTo"] in {"Stable", "Shadow"}:
        return True
    return _has(test, "tolerance") and re.search("[1-9]", test["tolerance"]) is not None


def _is_promised(test: _Written) -> bool:
    if not _has(test, "falseAlarms"):
        return True
    is_beside: bool = test["comparedTo"] == "Stable"
    return is_beside == _has(test, "falseAlarms", "perRollout")


def _fits_its_samples(test: _Written) -> bool:
    both = _has(test, "samples") and _has(test, "minSamples")
    return not both or bool(test["minSamples"] <= test["samples"])


def _only_for(field: str, modes: tuple[str, ...], approval: _Written) -> bool:
    return not _has(approval, field) or approval["mode"] in modes


def _is_for_the_unacknowledged(step: _Written) -> bool:
    after = step["after"]
    is_later = re.fullmatch(DURATION_PATTERN, after) is not None and seconds(after) > 0
    return _has(step, "unless") or not is_later


def _has_values(requirement: _Written) -> bool:
    return (requirement["operator"] in {"In", "NotIn"}) == bool(requirement.get("values"))


def _has_label_keys(labels: _Written) -> bool:
    return all(len(key) <= 317 and re.search(LABEL_KEY, key) for key in labels)  # noqa: PLR2004 - as in the rule


_TWINS: Final[Mapping[str, Holds]] = {
    "a later step is for what nobody has taken: set unless to Acknowledged": _is_for_the_unacknowledged,
    "when.triggers must name triggers of this policy": _names_its_triggers,
    "shiftToShadow is for the version that serves: set when.roles to [Stable]": partial(
        _is_for_what_serves, "shiftToShadow"
    ),
    "suspendFeed is for the version that serves: set when.roles to [Stable]": partial(
        _is_for_what_serves, "suspendFeed"
    ),
    "safePath is for the version that serves: set when.roles to [Stable]": partial(
        _is_for_what_serves, "safePath"
    ),
    "critical: a trigger that only notifies holds no promotion": lambda trigger: (
        trigger.get("use") != "Notify" or not trigger.get("critical")
    ),
    "critical: a trigger that is used as a Gate does nothing but hold the promotion": lambda trigger: (
        trigger.get("use") != "Gate" or trigger.get("critical") is not False
    ),
    "critical: what nonInferior asks for must be shown for the promotion, so the trigger is critical": (
        _claim_is_critical
    ),
    "must be set for comparedTo: Past, and only there": lambda test: (
        (test["comparedTo"] == "Past") == _has(test, "offset")
    ),
    "must be above zero: what is remembered is never quite what is now": (
        _is_remembered_with_tolerance
    ),
    "only a Baseline has hours of its own": lambda test: (
        test["comparedTo"] == "Baseline" or test.get("seasonality") in {None, "None"}
    ),
    "must be perRollout for comparedTo: Stable, and onceIn for a version that serves": _is_promised,
    "only a canary is compared for a promotion": lambda test: (
        test["comparedTo"] == "Stable" or not _has(test, "nonInferior")
    ),
    "must be Stable or Baseline": lambda test: test["comparedTo"] in {"Stable", "Baseline"},
    "must be above zero": lambda text: (
        not text.startswith("-") and re.search("[1-9]", text) is not None
    ),
    "is for windows by samples only": lambda test: (
        not _has(test, "maxAge") or _has(test, "samples")
    ),
    "must not be more than samples": _fits_its_samples,
    "must be set with comparedTo Limit, and only then": lambda test: (
        (test["comparedTo"] == "Limit") == _has(test, "above")
    ),
    "is for comparedTo Limit only": lambda test: not _has(test, "per") or _has(test, "above"),
    "must be set with kind Any, and only then": lambda test: (
        (test["kind"] == "Any") == _has(test, "above")
    ),
    "is for mode Require only": partial(_only_for, "people", ("Require",)),
    "is for mode Require only: a VetoWindow that is over acts, and Act waits for nobody": partial(
        _only_for, "onTimeout", ("Require",)
    ),
    "is for modes that wait: Act waits for nobody": partial(
        _only_for, "timeout", ("VetoWindow", "Require")
    ),
    "values must be set for In and NotIn, and only for them": _has_values,
    "every key must be a valid label key": _has_label_keys,
}

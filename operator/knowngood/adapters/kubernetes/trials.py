"""Rules for requests by which people try a version, beside the ordinary ones of a route of our own."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from knowngood.adapters.kubernetes.api import Object
from knowngood.api.v1alpha1 import TRIAL_HEADER, TrialTraffic

PREFIX: Final = "knowngood-test."
"""Of the name of such a rule. The dot keeps it apart from every rule of a user, whose names have none."""

_MODIFIER: Final = "RequestHeaderModifier"
_FIELD: Final = "requestHeaderModifier"
_PARTS: Final = ("set", "add", "remove")


def split(rules: Iterable[Object]) -> tuple[list[Object], list[Object]]:
    """Tell the ordinary rules from those for trial requests."""
    known = list(rules)
    trials = [rule for rule in known if str(rule.get("name") or "").startswith(PREFIX)]
    return [rule for rule in known if rule not in trials], trials


def with_trials(
    rules: Sequence[Object], trial: TrialTraffic | None, tested: Object | None
) -> list[Object]:
    """Add rules for trial requests, and take their mark off all others: no stranger hides from being judged.

    Args:
        rules: The ordinary ones.
        trial: Which requests these are; None: only golden requests have the mark, and they come past the gateway.
        tested: The backend that answers them; None: nobody does, and they are requests as any other.
    """
    plain = [_filtered(rule, remove=[TRIAL_HEADER]) for rule in rules]
    if trial is None or tested is None:
        return plain
    mark = {"name": TRIAL_HEADER, "value": "true"}
    return [*(_trial(rule, trial, tested, mark) for rule in rules), *plain]


def _trial(rule: Object, trial: TrialTraffic, tested: Object, mark: Object) -> Object:
    asked = {"type": "Exact", "name": trial.header, "value": trial.value}
    matches = [{**m, "headers": [*(m.get("headers") or ()), asked]} for m in rule["matches"]]
    kept = [f for f in rule.get("filters") or () if f.get("type") != "RequestMirror"]
    marked = _filtered({**rule, "filters": kept}, set=[mark])
    return {
        **marked,
        "name": f"{PREFIX}{rule['name']}",
        "matches": matches,
        "backendRefs": [tested],
    }


def _filtered(rule: Object, **change: list[Any]) -> Object:
    """Change the rule's one filter of request headers, or add one; what it says of the mark itself is dropped."""
    filters = list(rule.get("filters") or ())
    at = next((i for i, f in enumerate(filters) if f.get("type") == _MODIFIER), len(filters))
    theirs = dict(filters[at].get(_FIELD) or {}) if at < len(filters) else {}
    merged = {
        part: [h for h in theirs.get(part) or () if not _is_mark(h)] + change.get(part, [])
        for part in _PARTS
    }
    ours = {"type": _MODIFIER, _FIELD: {k: v for k, v in merged.items() if v}}
    return {**rule, "filters": [*filters[:at], ours, *filters[at + 1 :]]}


def _is_mark(header: Any) -> bool:
    name = header if isinstance(header, str) else header["name"]
    return bool(name.lower() == TRIAL_HEADER.lower())

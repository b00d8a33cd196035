"""A status that was lost: what the route and the records of the versions still say.

A model whose versions are recorded is no new one, whatever its status says; a restore or a `kubectl replace` may have
emptied it. What answers nearly everybody now is taken for the stable version. Where that is not plain, nothing moves.
"""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import DrainingVersion, Phase, Standing
from knowngood.decisions.plan import Blocked, Notice, Plan
from knowngood.decisions.situation import Situation

NEARLY_ALL: Final = 99
"""Percent of the requests that one version has to get."""

_NEW: Final = frozenset({None, Standing.CANDIDATE})
_BAD: Final = frozenset({Standing.REJECTED, Standing.SUSPECT})


def is_lost(s: Situation) -> bool:
    """Say whether the model has had a state: one of its versions is more than a first candidate."""
    return any(
        s.standing_of(version) not in _NEW or not s.history_of(version) <= _NEW
        for version in s.versions
    )


def rebuild(s: Situation, plan: Plan) -> Plan:
    """Take the version that answers for the stable one; hold when it is not plain which one that is."""
    weights = s.route.weights if s.route else {}
    stable = _answering(s)
    if stable is None:
        return _hold(s, plan)
    others = (DrainingVersion(version=v, since=s.now) for v in weights if v != stable)
    rebuilt = replace(
        plan,
        phase=Phase.PROBATION,
        stable=stable,
        weights={**dict.fromkeys(weights, 0), stable: 100},
        why="StateRebuilt",
        draining=tuple(others),
    )
    text = f"the status was lost; version {stable} answers, so it is taken for the stable version"
    notice = Notice("StateRebuilt", text, f"StateRebuilt/{s.now.isoformat()}", warning=True)
    return rebuilt.stand(stable, Standing.PROBATION, "StateRebuilt").tell(notice)


def _answering(s: Situation) -> str | None:
    """The version that nearly all requests go to, or went to where no route tells."""
    weights = s.route.weights if s.route else {}
    total = sum(weights.values())
    if total > 0:
        found = [v for v, weight in weights.items() if weight * 100 >= NEARLY_ALL * total]
    else:
        found = [v for v in s.versions if s.standing_of(v) is Standing.PROBATION]
    if len(found) != 1 or found[0] not in s.versions or s.ready_of(found[0]) == 0:
        return None
    return None if s.standing_of(found[0]) in _BAD else found[0]


def _hold(s: Situation, plan: Plan) -> Plan:
    weights = s.route.weights if s.route else {}
    seen = ", ".join(f"version {v}: {weight} %" for v, weight in sorted(weights.items())) or "none"
    lost = Blocked(
        "StateLost",
        "the status is empty, but versions of this model are recorded, and no ready one that was not rejected gets "
        f"{NEARLY_ALL} % of the requests (shares in the route: {seen}): nothing moves until one does, or until the "
        "status is restored",
    )
    return replace(plan, blocked=lost).tell(
        Notice(lost.reason, lost.message, lost.reason, warning=True)
    )

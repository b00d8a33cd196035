"""Where a version stands once a plan is carried out."""

from knowngood.api.v1alpha1 import Standing
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation


def stands(s: Situation, plan: Plan, version: str) -> Standing | None:
    """Standing of a version after a plan; None when it has no record."""
    changes = [change.standing for change in plan.standings if change.version == version]
    return changes[-1] if changes and version in s.versions else s.standing_of(version)

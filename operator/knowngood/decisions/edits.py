"""Steps that are edited while a rollout runs.

What is done stays done as long as it was not edited. Otherwise an index would point at something else: past a person
who is to be asked, or at a share that nobody has judged.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import Phase, RolloutStatus, Step
from knowngood.decisions.plan import Notice, Plan, edge_key, enter_step
from knowngood.decisions.situation import Situation

STEPPING: Final = frozenset({Phase.PROGRESSING, Phase.PAUSED})


def steps_digest(steps: Sequence[Step]) -> str:
    """Digest steps, in the form of a version's digest."""
    text = json.dumps([s.wire() for s in steps], sort_keys=True, separators=(",", ":"))
    return f"v1:sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def follow_edits(s: Situation, plan: Plan) -> Plan:
    """When a step that was done is another one now, begin again at the highest share not above the present one."""
    rollout = plan.rollout
    if rollout is None or plan.phase not in STEPPING or rollout.done == _done(s, rollout):
        return plan
    if rollout.returns:
        return plan  # it takes no steps
    share = plan.shares.get(rollout.version, 0)
    reached = [i for i, step in enumerate(s.steps) if step.set_weight and step.set_weight <= share]
    begun = enter_step(rollout.model_copy(update={"mirror": 0}), max(reached, default=0), s.now)
    text = f"the steps were edited: version {rollout.version} goes on from step {begun.step + 1} of {len(s.steps)}"
    key = edge_key(rollout, f"edited/{s.model.metadata.generation}")
    return replace(plan, rollout=begun).tell(Notice("StepsEdited", text, key))


def mark_steps(s: Situation, plan: Plan) -> Plan:
    """Note which steps are done, to see when they are edited."""
    rollout = plan.rollout
    if rollout is None or plan.phase not in STEPPING:
        return plan
    update = {"steps": len(s.steps), "done": _done(s, rollout)}
    return replace(plan, rollout=rollout.model_copy(update=update))


def _done(s: Situation, rollout: RolloutStatus) -> str:
    return steps_digest(s.steps[: rollout.step])

"""A trigger on which the judge itself fails says so; what the others of the same model say still acts."""

import asyncio
from typing import Any

import pytest

from knowngood.analysis.verdicts import Verdict
from knowngood.api.v1alpha1 import AIModelDeployment, VerdictKind
from knowngood.control import evidence
from tests.control.manifests import Object, a_policy, a_trigger
from tests.control.process import Process, until
from tests.control.test_copied_standbys import copied, stands_by
from tests.control.test_probation import played
from tests.control.test_shadowed import WORSE
from tests.control.world import World

FIRST = "a-first"
PAST = {"above": "0.2", "for": "5s", "window": "30s", "minSamples": 20}


@pytest.fixture(autouse=True)
def _fails(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = evidence._judge  # noqa: SLF001  - the fault is put where a bug of a test would be

    def fails(known: Any, bound: Any, *more: Any) -> Verdict:
        if bound.trigger.name == FIRST:
            raise ZeroDivisionError
        return judge(known, bound, *more)

    monkeypatch.setattr(evidence, "_judge", fails)


def watched_by(world: World, *triggers: Object) -> None:
    spec = a_policy(triggers=list(triggers))["spec"]
    world.server.patch("IncidentPolicy", "lending", "lending", lambda body: body.update(spec=spec))


def said(process: Process) -> dict[str, VerdictKind]:
    model: AIModelDeployment | None = process.store.get("AIModelDeployment", "lending", "loan")
    assert model is not None
    view = process.judge.serving(model)
    assert view is not None
    return {one.trigger: one.verdict.kind for one in view.triggers}


def test_a_canary_that_harms_is_taken_back_although_another_trigger_can_not_be_judged() -> None:
    world = World()
    watched_by(world, a_trigger(FIRST), a_trigger("errors-rise"))
    world.error_rates["8"] = 0.5

    async def rolls(world: World, _: Process) -> None:
        await asyncio.sleep(10)
        world.want("8")

    played(world, 60, rolls)

    assert world.status()["phase"] == "RolledBack"
    assert world.status()["rollout"]["failure"]["trigger"] == "errors-rise"


def test_harm_of_the_version_that_serves_is_told_although_another_trigger_can_not_be_judged() -> (
    None
):
    world = World()
    watched_by(
        world,
        *(
            {**a_trigger(name, threshold=PAST), "roles": ["Stable"]}
            for name in (FIRST, "errors-many")
        ),
    )
    world.error_rates["7"] = 0.5

    process = played(world, 60)

    assert said(process) == {
        FIRST: VerdictKind.OBSERVER_ERROR,
        "errors-many": VerdictKind.BREACHED,
    }


def test_harm_that_copies_show_is_told_although_another_trigger_can_not_be_judged() -> None:
    async def turns_bad(world: World, _: Process) -> None:
        await stands_by(world, 100)
        watched_by(
            world,
            *(
                {**a_trigger(name, proportion=WORSE), "roles": ["Stable"]}
                for name in (FIRST, "worse")
            ),
        )
        await until(lambda: copied(world))
        world.error_rates["8"] = 0.3

    process = played(World(), 200, turns_bad)

    assert said(process) == {FIRST: VerdictKind.OBSERVER_ERROR, "worse": VerdictKind.BREACHED}

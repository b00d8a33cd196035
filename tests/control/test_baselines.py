"""The version that serves is held against what is remembered: its own baseline, or that of the one before."""

import asyncio
import json
from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelDeployment, VerdictKind
from knowngood.control.watched import EVERY
from knowngood.decisions.commands import COMMAND_ANNOTATION
from knowngood.decisions.handing_in import BASELINES_ANNOTATION, sealed
from knowngood.decisions.trigger_views import TriggerView
from tests.control.manifests import Object, a_policy
from tests.control.process import Process, until
from tests.control.test_probation import MINUTES, played, proving, told
from tests.control.world import World

HELD = {
    "comparedTo": "Baseline",
    "direction": "Increase",
    "tolerance": "5pp",
    "minSamples": 50,
    "falseAlarms": {"onceIn": "10y"},
}


def held(world: World, **test: Any) -> None:
    """Judge what serves by what is remembered."""
    trigger = {
        "name": "errors-rise",
        "signal": {"name": "errors"},
        "roles": ["Stable"],
        "test": {"proportion": {**HELD, **test}},
    }
    spec = a_policy(triggers=[trigger])["spec"]
    world.server.patch("IncidentPolicy", "lending", "lending", lambda body: body.update(spec=spec))


def says(process: Process) -> TriggerView:
    model: AIModelDeployment | None = process.store.get("AIModelDeployment", "lending", "loan")
    assert model is not None
    view = process.judge.serving(model)
    assert view is not None
    (trigger,) = view.triggers
    return trigger


def test_a_version_that_is_known_good_is_remembered_as_it_was_seen() -> None:
    world = World()
    proving(world)
    world.error_rates["7"] = 0.1

    played(world, 5 * MINUTES)

    (baseline,) = world.record("7")["baselines"]
    assert baseline["signal"] == "errors"
    assert (baseline["source"], baseline["seasonality"]) == ("Observed", "HourOfWeek")
    assert len(baseline["totals"]) == 168
    # 60 requests a second were answered while it was in probation, a tenth of them with an error.
    assert baseline["samples"] == sum(baseline["totals"]) >= 60 * 165
    assert sum(baseline["events"]) / baseline["samples"] == pytest.approx(0.1, abs=0.001)
    assert world.record("7")["knownGoodSince"]


def test_nothing_is_compared_while_nothing_is_remembered() -> None:
    world = World()
    proving(world, "10m")
    held(world)

    found = says(played(world, 2 * MINUTES))

    assert (found.verdict.kind, found.verdict.reason) == (
        VerdictKind.INCONCLUSIVE,
        "NothingToCompare",
    )


def remembered(world: World, share: float) -> None:
    """Hand a baseline in, as a person does."""
    totals = 20_000
    body = {
        "signal": "errors",
        "events": [int(totals * share)],
        "totals": [totals],
        "samples": totals,
        "from": "2026-01-01T00:00:00Z",
        "to": "2026-02-01T00:00:00Z",
    }
    text = json.dumps([body])
    given = f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ}-{sealed(text)}"

    def change(body: Object) -> None:
        said = {COMMAND_ANNOTATION: f"remember 7 {given}", BASELINES_ANNOTATION: text}
        body["metadata"]["annotations"] = said

    world.edit(change)


@pytest.mark.parametrize(
    ("rate", "kind"),
    [
        pytest.param(0.10, VerdictKind.HEALTHY, id="as remembered"),
        pytest.param(0.14, VerdictKind.HEALTHY, id="worse by less than the tolerance"),
        pytest.param(0.30, VerdictKind.BREACHED, id="worse"),
    ],
)
def test_what_serves_is_held_against_a_baseline_that_was_handed_in(
    rate: float, kind: VerdictKind
) -> None:
    world = World()
    proving(world, "30m")
    held(world)
    world.error_rates["7"] = rate

    async def hand_in(world: World, _: Process) -> None:
        await until_recorded(world)
        remembered(world, 0.1)

    found = says(played(world, 5 * MINUTES, hand_in))

    assert found.verdict.kind is kind, found.verdict.message
    breached = kind is VerdictKind.BREACHED
    assert world.condition("Guarded") == f"True {'ServingBreached' if breached else 'Watched'}"
    assert len(told(world, "ServingBreached")) == int(breached)
    listed = world.status().get("servingBreaches", [])
    assert [b["signal"] for b in listed] == ["errors"] * int(breached)
    assert all("among" in b["query"] and b["since"] < b["until"] for b in listed)
    assert world.lost == 0
    assert world.record("7")["standing"] == ("Suspect" if rate == 0.3 else "Probation")


def test_what_was_seen_before_a_baseline_was_handed_in_is_judged_by_it_at_once() -> None:
    world = World()
    proving(world, "30m")
    held(world)
    world.error_rates["7"] = 0.3
    breached: list[float] = []

    async def hand_in(world: World, process: Process) -> None:
        await until_recorded(world)
        await asyncio.sleep(2 * MINUTES)
        assert says(process).verdict.reason == "NothingToCompare"
        remembered(world, 0.1)
        given = asyncio.get_running_loop().time()
        await until(lambda: says(process).verdict.kind is VerdictKind.BREACHED)
        breached.append(asyncio.get_running_loop().time() - given)

    process = played(world, 4 * MINUTES, hand_in)

    # One look at what serves is due every ten seconds.
    assert breached[0] <= EVERY + 1
    shown = process.metrics.render().decode()
    numbers = 'model="loan",namespace="lending",policy="lending",policy_kind="IncidentPolicy",trigger="errors-rise"'
    assert f'knowngood_serving_verdict{{kind="Breached",{numbers}}} 1.0' in shown
    assert f"knowngood_serving_evidence{{{numbers}}}" in shown


async def until_recorded(world: World) -> None:
    await until(lambda: world.record("7").get("standing") == "Probation")

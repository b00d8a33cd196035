"""The version that serves is held against what is remembered: its own baseline, or that of the one before."""

from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelDeployment, VerdictKind
from knowngood.decisions.naming import child_name
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

    def change(body: Object) -> None:
        totals = 20_000
        body["status"]["baselines"] = [
            {
                "signal": "errors",
                "source": "HandedIn",
                "events": [int(totals * share)],
                "totals": [totals],
                "samples": totals,
                "from": "2026-01-01T00:00:00.000000Z",
                "to": "2026-02-01T00:00:00.000000Z",
                "acceptedBy": "alice",
            }
        ]

    world.server.patch("AIModelVersion", "lending", child_name("loan", "7"), change)


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


async def until_recorded(world: World) -> None:
    await until(lambda: world.record("7").get("standing") == "Probation")

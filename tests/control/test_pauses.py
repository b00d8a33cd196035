"""Pauses that wait for proof, end early, or last as long as they may: the whole operator on counted requests."""

import asyncio
from typing import Any

import pytest

from tests.control.manifests import Object, a_policy, a_trigger
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World

WEIGHT = 50
"""30 requests of each version a second: a margin of 3 points needs about 1 000 of them at 5 % errors."""


def asking(margin: str = "3pp") -> Object:
    proportion = {
        "comparedTo": "Stable", "direction": "Increase", "minSamples": 50, "nonInferior": {"margin": margin},
    }  # fmt: skip
    return a_trigger(proportion=proportion)


def a_world(pause: dict[str, Any], trigger: Object | None = None, **rollout: Any) -> World:
    world = World()
    world.error_rates = {"7": 0.05, "8": 0.05}
    steps = [{"setWeight": WEIGHT}, {"pause": pause}]
    world.edit(lambda body: body["spec"]["rollout"].update(steps=steps, **rollout))
    policy = a_policy(triggers=[trigger or asking()])
    world.server.patch(
        "IncidentPolicy", "lending", "lending", lambda body: body.update(spec=policy["spec"])
    )
    return world


FIRST_SCRAPE = 2
"""Seconds until a canary's first requests are scraped: nothing can be seen before."""


class Seen:
    """What the status said, second by second."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.waits: list[str] = []
        self.lacks: set[str] = set()
        self.writes: set[str] = set()
        self.promoted_after: float | None = None

    async def watch(self, seconds: int) -> None:
        await asyncio.sleep(10)
        self.world.want("8")
        await until(lambda: (self.world.status().get("rollout") or {}).get("step") == 1)
        for second in range(seconds):
            status = self.world.status()
            rollout = status.get("rollout") or {}
            if rollout.get("step") == 1 and not rollout.get("failure"):
                self.waits.append(rollout.get("waitingFor", ""))
                self.lacks |= set(rollout.get("lacks") or ())
            elif self.promoted_after is None:
                self.promoted_after = second
            await asyncio.sleep(1.0)


def played(world: World, seconds: int) -> Seen:
    seen = Seen(world)

    async def play() -> None:
        watching = asyncio.create_task(seen.watch(seconds))
        await during(world, Process(world), seconds=seconds + 30)
        await watching

    run(play())
    return seen


def stable(world: World) -> str:
    version: str = world.status()["versions"]["stable"]
    return version


def events(world: World) -> list[str]:
    return world.events.reasons


def test_enough_requests_without_proof_wait_and_say_for_what() -> None:
    world = a_world({"duration": "3s", "minSamples": 60}, asking("0.5pp"))
    seen = played(world, 40)

    assert stable(world) == "7"
    assert seen.waits[-1] == "Proof"
    assert seen.lacks == {
        "trigger errors-rise of IncidentPolicy lending: not shown yet not to be worse by 0.5 points"
    }
    assert world.condition("Ready") == "False Paused"


def test_what_is_shown_goes_on_and_the_record_says_on_what() -> None:
    world = a_world({"duration": "3s", "minSamples": 60})
    seen = played(world, 90)

    assert stable(world) == "8"
    assert "Proof" in seen.waits
    (said,) = world.record("8")["promotedOn"]
    assert (said["trigger"], said["verdict"]) == ("errors-rise", "Healthy")
    assert "shown to be higher by less than 3 points at 95 % confidence" in said["message"]
    assert "NonInferior" in events(world)


def test_where_policies_only_observe_a_pause_counts_its_requests_and_goes_on() -> None:
    world = a_world({"duration": "3s", "minSamples": 300})
    world.error_rates["8"] = 0.6
    world.server.patch(
        "IncidentPolicy", "lending", "lending", lambda body: body["spec"].update(mode="Observe")
    )
    seen = played(world, 60)

    assert stable(world) == "8"
    assert "Samples" in seen.waits
    assert "WouldAct" in events(world)
    (said,) = world.record("8")["promotedOn"]
    assert said["verdict"] == "Breached"
    assert said["message"].startswith("it only observes, and would act: errors of version 8")


def test_an_early_end_comes_before_the_duration_and_never_before_the_least_one() -> None:
    early = {"endEarly": "WhenNonInferior", "minDuration": "20s"}
    world = a_world({"duration": "10m", "minSamples": 60}, asking("20pp"), **early)
    seen = played(world, 60)

    assert stable(world) == "8"
    assert seen.promoted_after is not None
    assert 19 <= seen.promoted_after <= 25
    assert set(seen.waits[FIRST_SCRAPE:]) == {"Time"}


def test_without_the_word_for_it_no_pause_ends_early() -> None:
    world = a_world({"duration": "10m", "minSamples": 60}, asking("20pp"))

    assert set(played(world, 60).waits[FIRST_SCRAPE:]) == {"Time"}
    assert stable(world) == "7"


CHOICES = [
    pytest.param("Hold", "7", "Paused", "PauseOverdue", id="hold"),
    pytest.param("Promote", "8", "Probation", "WentOnUnproved", id="promote"),
    pytest.param("Abort", "7", "RolledBack", "RolledBack", id="abort"),
]


@pytest.mark.parametrize(("choice", "version", "phase", "event"), CHOICES)
def test_a_pause_that_is_as_long_as_it_may_be_does_what_the_spec_says(
    choice: str, version: str, phase: str, event: str
) -> None:
    pause = {"duration": "3s", "maxDuration": "15s", "onInconclusive": choice}
    world = a_world(pause, asking("0.5pp"))
    played(world, 40)

    assert (stable(world), world.status()["phase"]) == (version, phase)
    assert event in events(world)
    assert world.server.list("Incident") == []


def test_a_version_that_went_back_in_doubt_says_so_and_stays_back() -> None:
    pause = {"duration": "3s", "maxDuration": "15s", "onInconclusive": "Abort"}
    world = a_world(pause, asking("0.5pp"))
    played(world, 90)

    record = world.record("8")
    assert (record["standing"], record["rejection"]["reason"]) == ("Rejected", "Inconclusive")
    failure = world.status()["rollout"]["failure"]
    assert failure["reason"] == "Inconclusive"
    assert "not shown yet not to be worse by 0.5 points" in failure["message"]
    assert world.condition("Stalled") == "True VersionRejected"


@pytest.mark.parametrize("choice", ["Promote", "Abort"])
def test_a_source_that_is_down_at_that_moment_moves_nothing(choice: str) -> None:
    pause = {"duration": "3s", "maxDuration": "15s", "onInconclusive": choice}
    world = a_world(pause, asking("0.5pp"))

    async def play() -> None:
        async def lose() -> None:
            await asyncio.sleep(10)
            world.want("8")
            await until(lambda: (world.status().get("rollout") or {}).get("step") == 1)
            await asyncio.sleep(8)
            world.signals.problem = "cannot be reached"

        losing = asyncio.create_task(lose())
        await during(world, Process(world), seconds=70)
        await losing

    run(play())

    assert (stable(world), world.status()["phase"]) == ("7", "Paused")
    assert world.status()["rollout"]["waitingFor"] == "Data"


def test_a_gate_holds_the_promotion_and_takes_nothing_back() -> None:
    world = a_world({"duration": "3s"}, {**a_trigger(), "use": "Gate"})
    world.error_rates["8"] = 0.5
    played(world, 40)

    status = world.status()
    assert (stable(world), status["phase"]) == ("7", "Paused")
    assert status["rollout"]["waitingFor"] == "Verdict"
    assert status["rollout"]["lacks"] == [
        "trigger errors-rise of IncidentPolicy lending is breached"
    ]
    assert world.condition("Guarded") == "False ObserveOnly"

"""What has hurt users of other tools that roll out: each test names the report that it comes from."""

import asyncio
from dataclasses import replace

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.api.v1alpha1 import FailureReason, Phase, Standing, VerdictKind
from knowngood.control.ports import Key
from knowngood.decisions.digest import version_digest
from knowngood.decisions.reporting import status_of
from knowngood.decisions.transition import decide
from knowngood.decisions.workloads import replicas_wanted
from knowngood.errors import NotLeader, Unavailable
from tests.control.manifests import Object
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World
from tests.decisions.situations import a_model, a_situation, a_trigger
from tests.decisions.states import NOW, ROLLING_STATES, STATES

STAMP = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
BREACHED = (a_trigger(VerdictKind.BREACHED),)


def test_a_breach_while_a_person_is_awaited_takes_the_canary_back() -> None:
    """Flagger 1801: the threshold was passed at a gate, and nothing happened."""
    assert decide(a_situation(STATES["waiting for a person"], triggers=BREACHED)).phase is (
        Phase.ROLLING_BACK
    )


def test_a_promotion_that_is_stuck_can_be_taken_back() -> None:
    """Flagger 1588: stuck in Promoting, with no way back."""
    state = STATES["promoting"]
    stuck = a_situation(
        state, ready={"7": 2, "8": 1}, model=a_model(state, command=f"abort 8 {STAMP}")
    )

    assert decide(stuck).phase is Phase.ROLLING_BACK


@pytest.mark.parametrize("state", ROLLING_STATES)
def test_nothing_is_sent_back_to_a_version_that_is_not_ready(state: str) -> None:
    """Flagger 1898: everything went to a primary that was down."""
    s = a_situation(STATES[state], triggers=BREACHED, ready={"7": 0, "8": 2})
    plan = decide(s)

    if s.route is not None and s.route.weights.get("8", 0) > 0:
        assert plan.shares == STATES[state].weights
        assert plan.blocked is not None
        assert plan.blocked.reason == "FallbackNotReady"


@pytest.mark.parametrize("kind", [VerdictKind.NO_DATA, VerdictKind.OBSERVER_ERROR])
@pytest.mark.parametrize("state", ROLLING_STATES)
def test_silence_neither_fails_a_canary_nor_passes_it(state: str, kind: VerdictKind) -> None:
    """Argo Rollouts 1466 and 4479, Flagger 1098 and 1353: empty answers aborted, or counted as success."""
    plan = decide(a_situation(STATES[state], triggers=(a_trigger(kind),)))

    assert plan.phase is not Phase.ROLLING_BACK
    # A version that is known good and asked for by a person has passed before.
    begun = STATES[state].phase is Phase.PROMOTING or STATES[state].returns
    assert begun or plan.phase not in {Phase.PROMOTING, Phase.PROBATION}


def test_inconclusive_never_promotes() -> None:
    """Argo Rollouts 3850: a run without a result was promoted."""
    plan = decide(
        a_situation(STATES["at the gate"], triggers=(a_trigger(VerdictKind.INCONCLUSIVE),))
    )

    assert plan.phase is Phase.PAUSED


def test_an_upgrade_of_the_operator_rolls_nothing_out() -> None:
    """Flagger 1673: hashes of structs changed with the tool's version, and every workload was rolled out anew."""
    template = {"spec": {"containers": [{"name": "m", "image": "loan"}]}}
    digest = version_digest({"deployment": {"ports": [], "template": template}}, None)

    assert digest == version_digest(
        {
            "deployment": {
                "template": {"spec": {"containers": [{"image": "loan", "name": "m"}]}},
                "ports": [],
            }
        },
        None,
    )
    assert digest.startswith("v1:")


def test_an_error_of_the_api_server_is_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flagger 989: `etcdserver: leader changed` on a read started a canary."""
    world = World()

    def new_image(body: Object) -> None:
        body["spec"]["serving"]["deployment"]["template"]["spec"]["containers"][0]["image"] = "new"

    async def fails(*_: object) -> str | None:
        raise Unavailable("etcdserver: leader changed")

    async def story() -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        monkeypatch.setattr("knowngood.adapters.memory.workloads.MemoryWorkloads.check", fails)
        world.server.patch("AIModelDeployment", "lending", "loan", new_image)
        world.want("8")
        await asyncio.sleep(60)
        roles = world.status()["versions"]
        assert (roles["desired"], roles["stable"], roles["canary"]) == ("8", "7", "")
        monkeypatch.undo()

    async def play() -> None:
        told = asyncio.create_task(story())
        await during(world, Process(world), seconds=150)
        await told

    run(play())

    assert world.status()["versions"]["stable"] == "8"


def test_a_leader_that_lost_the_lease_while_it_stood_still_writes_nothing() -> None:
    """Argo Rollouts 2117: two controllers at once, one of which had slept through the loss of its lease."""
    world = World()
    lapsed = MemoryFence()

    async def play() -> None:
        old = Process(world, lapsed)
        first = asyncio.create_task(during(world, old, seconds=300))
        await until(lambda: world.status().get("phase") == "Probation")
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        sent = len(old.line.sent)
        lapsed.leads = False
        await during(world, Process(world), seconds=40)
        assert world.status()["versions"]["stable"] == "8"

        with pytest.raises(NotLeader):
            await old.reconciler.run(Key("lending", "loan"))
        assert len(old.line.sent) == sent

    run(play())

    assert world.status()["versions"]["stable"] == "8"


def test_a_new_version_during_a_rollback_waits_until_that_is_over() -> None:
    """Argo Rollouts 3372 and 4390: which of the two won depended on timing."""
    state = STATES["rolling back"]
    s = a_situation(state, model=a_model(state, desired="9"))

    rolled_back = decide(s)

    assert (rolled_back.phase, rolled_back.shares) == (Phase.ROLLED_BACK, {"7": 100, "8": 0})


def test_abort_wins_over_a_promotion_that_was_given_before() -> None:
    """Argo Rollouts 4461: an abort after a full promotion was ignored."""
    state = STATES["waiting for a person"]
    s = a_situation(state, model=a_model(state, command=f"promote 8 {STAMP}"))
    promoted = status_of(s, decide(s))
    model = a_model(state, command=f"abort 8 {STAMP}-2").model_copy(update={"status": promoted})

    assert decide(replace(s, model=model)).phase is Phase.ROLLING_BACK


def test_where_nothing_is_known_to_be_good_nothing_is_guessed() -> None:
    """Flagger 1577: a rebuilt cluster took the version in Git live, unverified."""
    state = STATES["at rest"]
    s = a_situation(state, model=a_model(state, desired="7", command=f"rollback 7 {STAMP}"))
    plan = decide(s)

    assert plan.shares == {"7": 100}
    assert plan.last_command is not None
    assert "nothing to go back to" in plan.last_command.message


def test_a_rejected_version_is_retried_by_a_word_and_by_nothing_else() -> None:
    """Flagger 862: only a dummy annotation in the pod template tried a version again."""
    state = STATES["rolled back"]
    standings = {"7": Standing.PROBATION, "8": Standing.REJECTED}
    again = a_situation(state, standings=standings)
    asked = replace(again, model=a_model(state, command=f"retry 8 {STAMP}"))

    assert decide(again).canary == ""
    assert decide(asked).canary == "8"


@pytest.mark.parametrize("replicas", [1, 2, 5, 40, 1000])
@pytest.mark.parametrize("state", ROLLING_STATES)
def test_whatever_an_autoscaler_does_shares_stay_shares(state: str, replicas: int) -> None:
    """Argo Rollouts 4424 and 4973: weights below 0, and a stable version that was too small to go back to."""
    s = a_situation(STATES[state], model=a_model(STATES[state], replicas=replicas))
    plan = decide(s)

    assert all(0 <= weight <= 100 for weight in plan.shares.values())
    assert sum(plan.shares.values()) == 100
    assert replicas_wanted(s, plan)[plan.stable] == replicas


def test_each_transition_is_told_once_also_across_restarts() -> None:
    """Flagger 1515: the same alert at every interval."""
    world = World()
    world.error_rates["8"] = 0.5

    async def story() -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.want("8")

    async def play() -> None:
        told = asyncio.create_task(story())
        await during(world, Process(world), seconds=40)
        await told
        await during(world, Process(world), seconds=40)

    run(play())

    told = [(notice.reason, notice.key) for notice in world.events.told.values()]
    assert len(told) == len(set(told))
    assert world.events.reasons.count("RollingBack") == 1
    assert world.status()["rollout"]["failure"]["reason"] == FailureReason.BREACHED

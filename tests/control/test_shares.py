"""What a rollout's triggers may spend is fixed when it begins: who comes or goes changes nothing for the others."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from knowngood.api.v1alpha1 import BudgetShares
from knowngood.control.budgets import bind, key_of
from knowngood.control.policies import Bound
from knowngood.decisions.spending import Spending, shared
from tests.control.guarding import KEY, Watch, budget, proportions
from tests.control.manifests import Object, a_policy, a_template, a_trigger
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World

READS = {"errors": "as the template says"}
BASELINE = {"comparedTo": "Baseline", "direction": "Increase", "tolerance": "5pp"}


def bound_by(
    written: tuple[BudgetShares, ...], *manifests: Object
) -> tuple[dict[str, Bound], tuple[BudgetShares, ...]]:
    """What triggers have after a look, and what is written then."""
    bound, spent = bind(Watch(*manifests).guard.policies(), written, reads=READS)
    return {b.trigger.name: b for b in bound}, shared(written, spent.rollout)


def alphas(bound: dict[str, Bound]) -> dict[str, float]:
    return {name: round(b.alpha, 9) for name, b in bound.items()}


def test_one_that_comes_later_takes_from_the_reserve_and_one_that_goes_leaves_its_part() -> None:
    _, written = bound_by((), a_policy(triggers=proportions("a", "b")))

    later, written = bound_by(written, a_policy(triggers=proportions("a", "c", "d")))

    assert alphas(later) == {"a": 0.0045, "c": 0.0005, "d": round(0.001 / 6, 9)}
    again, _ = bound_by(written, a_policy(triggers=proportions("a", "b", "c")))
    assert alphas(again) == {"a": 0.0045, "b": 0.0045, "c": 0.0005}


def test_a_test_that_was_changed_is_a_new_one_and_what_only_delays_an_alarm_changes_nothing() -> (
    None
):
    (a, b) = proportions("a", "b")
    _, written = bound_by((), a_policy(triggers=[a, b]))

    def edited(**fields: Any) -> float:
        other = a_trigger("a", proportion={**a["test"]["proportion"], **fields})
        return alphas(bound_by(written, a_policy(triggers=[other, b]))[0])["a"]

    assert edited(minSamples=20, minEvents=9, effect={"atLeast": "2pp"}) == 0.0045
    assert edited(nonInferior={"margin": "5pp"}) == 0.0045
    assert edited(tolerance="1pp") == 0.0005
    assert edited(direction="Either") == 0.0005
    assert edited(falseAlarms={"perRollout": "0.4%"}) == 0.004


def test_a_trigger_is_told_from_what_it_was_before_its_test_or_its_signal_was_edited() -> None:
    (a, b) = proportions("a", "b")
    edited = {**a, "test": {"proportion": {**a["test"]["proportion"], "tolerance": "1pp"}}}
    policies = [a_policy(triggers=[one, b]) for one in (a, edited)]

    before, after = (bound_by((), policy)[0] for policy in policies)
    read, _ = bind(Watch(policies[0]).guard.policies(), reads={"errors": "otherwise"})

    assert before["b"].digest == after["b"].digest
    assert len({before["a"].digest, after["a"].digest, read[0].digest, before["b"].digest}) == 4


def test_a_policy_that_comes_with_a_stricter_budget_changes_no_rollout_that_runs() -> None:
    one = a_policy("one", triggers=proportions("a"), limits=budget("4%"))
    two = a_policy("two", triggers=proportions("b"), limits=budget("0.5%"))
    _, written = bound_by((), one)

    assert written[0].per_rollout == "4%"
    assert alphas(bound_by(written, one, two)[0]) == {"a": 0.036, "b": 0.002}
    assert alphas(bound_by((), one, two)[0]) == {"a": 0.00225, "b": 0.00225}


def test_groups_have_budgets_of_their_own() -> None:
    (acts, gate, told) = proportions("acts", "gate", "told")
    policy = a_policy(triggers=[acts, {**gate, "use": "Gate"}, {**told, "use": "Notify"}])

    bound, written = bound_by((), policy)

    assert set(alphas(bound).values()) == {0.009}
    assert [(one.use, len(one.first)) for one in written] == [
        ("Act", 1),
        ("Gate", 1),
        ("Notify", 1),
    ]


def test_however_many_there_are_what_is_written_is_bounded_and_everybody_has_a_part() -> None:
    keys = tuple(f"p/t/{number:04}" for number in range(400))

    written = shared((), (Spending("Act", keys, "1%"),))  # type: ignore[arg-type]  # a Use is a word

    assert (len(written[0].first), len(written[0].later)) == (128, 64)
    policies = [
        a_policy(f"p{n}", triggers=proportions(*(f"t{m}" for m in range(32)))) for n in range(7)
    ]
    bound, spent = bind(Watch(*policies).guard.policies(), written, reads=READS)
    assert all(b.alpha > 0 for b in bound)
    assert len(bound) == 224
    assert sum(b.alpha for b in bound) <= 0.01
    assert shared(written, spent.rollout) == written


def test_names_of_any_length_make_a_key_that_fits() -> None:
    long = "p" * 253
    bound = Watch(a_policy(long, triggers=proportions("t" * 63))).bound().values()

    assert all(len(key_of(b)) <= 160 for b in bound)


def test_the_version_that_serves_keeps_the_parts_of_its_own_epoch() -> None:
    past = a_trigger("b", proportion={**BASELINE, "tolerance": "6pp"})
    policy = a_policy(triggers=[{**a_trigger("a", proportion=BASELINE), "roles": ["Stable"]}])
    both = a_policy(triggers=[*policy["spec"]["triggers"], {**past, "roles": ["Stable"]}])
    _, spent = bind(Watch(policy).guard.policies(), reads=READS)
    written = shared((), spent.serving)

    once_in = {
        b.trigger.name: b.once_in
        for b in bind(Watch(both).guard.policies(), (), written, reads=READS)[0]
    }

    ten_years = 10 * 365.25 * 24 * 60
    assert once_in == pytest.approx({"a": ten_years / 0.9, "b": ten_years / 0.05})


def edit(world: World, **spec: Any) -> None:
    world.server.patch("IncidentPolicy", "lending", "lending", lambda b: b["spec"].update(**spec))


def rolled_out(
    world: World, acts: Callable[[], Awaitable[None]], *processes: Process, seconds: float = 120
) -> None:
    """Give version 8 half of the requests, and let somebody act then."""
    steps = [{"setWeight": 50}, {"pause": {"duration": "10m"}}]
    world.edit(lambda body: body["spec"]["rollout"].update(steps=steps, canaryReplicas="Match"))

    async def act() -> None:
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        await acts()

    async def play() -> None:
        acting = asyncio.create_task(act())
        await during(world, *(processes or (Process(world),)), seconds=seconds)
        await acting

    run(play())


def shares(world: World) -> list[Object]:
    found: list[Object] = world.status()["rollout"]["shares"]
    return found


def test_a_trigger_that_is_added_in_the_middle_of_a_rollout_changes_nothing_for_the_first() -> None:
    world = World()
    seen: list[list[Object]] = []
    evidence: list[Any] = []
    process = Process(world)

    def state() -> Any:
        (known,) = process.judge._evidence.values()  # noqa: SLF001  - evidence that begins anew looks the same outside
        return known.states["IncidentPolicy", "lending", "lending", "errors-rise"]

    async def add() -> None:
        await asyncio.sleep(20)
        seen.append(shares(world))
        evidence.append(state())
        edit(world, triggers=[a_trigger(), *proportions("another")])
        await asyncio.sleep(10)
        seen.append(shares(world))
        evidence.append(state())

    rolled_out(world, add, process)

    (before, after) = seen
    assert before[0]["first"] == after[0]["first"]
    assert (before[0]["later"], len(after[0]["later"])) == ([], 1)
    assert evidence[0].subject == evidence[1].subject
    assert evidence[0].subject[3].alpha == pytest.approx(0.009)
    assert evidence[1].evidence.sums.n_c > evidence[0].evidence.sums.n_c


def test_a_status_of_an_older_operator_gets_its_shares_at_the_first_look() -> None:
    world = World()

    async def lose() -> None:
        await asyncio.sleep(10)

        def change(body: Object) -> None:
            del body["status"]["rollout"]["shares"]

        world.server.patch("AIModelDeployment", "lending", "loan", change)

    rolled_out(world, lose)

    (one,) = shares(world)
    assert (one["use"], one["perRollout"], len(one["first"])) == ("Act", "1%", 1)


def test_the_record_of_the_version_that_serves_says_how_its_budget_is_shared() -> None:
    world = World()
    edit(world, triggers=[{**a_trigger("a", proportion=BASELINE), "roles": ["Stable"]}])

    async def play() -> None:
        await during(world, Process(world), seconds=20)

    run(play())

    (one,) = world.record("7")["shares"]
    assert (one["use"], len(one["first"])) == ("Act", 1)
    assert "perRollout" not in one


def test_a_template_that_is_edited_again_and_again_does_not_spend_the_budget_each_time() -> None:
    policies = Watch(a_policy(triggers=proportions("a", "b"))).guard.policies()
    written: tuple[BudgetShares, ...] = ()
    spent_in_all = 0.0

    for edit in range(7):
        _, spent = bind(policies, written, reads={"errors": str(edit)})
        written = shared(written, spent.rollout)
        bound, _ = bind(policies, written, reads={"errors": str(edit)})
        spent_in_all += sum(b.alpha for b in bound)

    assert 0.0095 < spent_in_all <= 0.01


def test_who_binds_triggers_knows_what_their_templates_say() -> None:
    watch = Watch(a_policy(triggers=proportions("a")), a_template())
    (before,) = watch.guard.bound(KEY)
    template = watch.server.get("ClusterSignalTemplate", "", "errors")
    assert template is not None

    template["spec"]["ratio"]["total"] = "other_total"
    edited = {**template["metadata"], "resourceVersion": "99999"}
    watch.store.put("ClusterSignalTemplate", {**template, "metadata": edited})

    (after,) = watch.guard.bound(KEY)
    assert "requests_total" in before.read
    assert "other_total" in after.read


def test_no_part_is_fixed_before_every_template_is_there() -> None:
    """Or the trigger whose template comes a second later would have to do with the reserve."""
    policies = Watch(a_policy(triggers=proportions("a", "b"))).guard.policies()

    bound, spent = bind(policies, reads={})
    assert spent.rollout == ()
    assert [round(b.alpha, 9) for b in bound] == [0.0045, 0.0045]
    _, spent = bind(policies, reads=READS)
    written = shared((), spent.rollout)
    assert len(written[0].first) == 2

    _, gone = bind(policies, written, reads={})
    assert shared(written, gone.rollout) == written

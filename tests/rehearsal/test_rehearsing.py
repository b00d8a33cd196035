"""A span of the past is played again by the same core; what it moves is in memory."""

import copy
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from knowngood.adapters.memory.signals import MemorySignals
from knowngood.api.v1alpha1 import Incident, VerdictKind
from knowngood.control.ports import Series, Vector
from knowngood.errors import QueryRefused
from knowngood.rehearsal.told import Impossible, Matter, Rehearsed
from knowngood.signals.planning import Query
from knowngood.signals.series import RawSeries
from tests.control.manifests import Object, a_policy, a_trigger
from tests.control.world import World
from tests.rehearsal.past import BEGINS, a_good_day, incident, objects, replayed


@pytest.fixture(scope="module")
def good() -> World:
    return a_good_day()


def edited(world: World, change: Callable[[Object], None]) -> list[Object]:
    """The objects, with another policy."""
    found = copy.deepcopy(objects(world))
    for body in found:
        if body["kind"] == "IncidentPolicy":
            change(body)
    return found


def matters(found: Rehearsed) -> list[Matter]:
    return [entry.matter for entry in found.entries]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_replay_finds_what_the_operator_found(bad: World) -> None:
    found = replayed(objects(bad), bad.signals)

    told, read = incident(bad), Incident.model_validate(found.incident).status
    assert (found.stable, found.standby) == ("8", "7")
    assert read is not None
    assert read.clocks is not None
    assert read.clocks.onset == at(told["clocks"]["onset"])
    assert read.clocks.detected is not None
    assert abs(read.clocks.detected - at(told["clocks"]["detected"])) < timedelta(seconds=1)
    assert read.evidence[0].message == told["evidence"][0]["message"]
    assert [action.type for action in read.actions] == [a["type"] for a in told["actions"]]


def test_it_ends_with_the_first_action_and_says_how_long_after_the_onset(bad: World) -> None:
    found = replayed(objects(bad), bad.signals)

    held, moved = found.acts
    assert (held.moves, moved.moves) == (False, True)
    assert moved.at == found.until
    assert moved.onset == at(incident(bad)["clocks"]["onset"])
    assert abs(moved.at - at(incident(bad)["actions"][1]["startedAt"])) <= timedelta(seconds=2)
    assert matters(found).count(Matter.DONE) == 1


def test_nobody_is_called_safe_who_was_not_shifted(bad: World) -> None:
    found = replayed(objects(bad), bad.signals)

    assert found.incident is not None
    assert found.incident["status"]["containment"] == "Pending"
    assert found.incident["status"]["actions"][1]["state"] == "Started"


def test_a_clean_span_does_nothing(good: World) -> None:
    found = replayed(objects(good), good.signals)

    assert (found.acts, found.incident) == ((), None)
    assert [t.verdict for t in found.triggers] == [VerdictKind.HEALTHY]
    assert found.until == found.ends


def test_an_edited_policy_is_tried_and_nothing_else_is_touched(bad: World) -> None:
    def hold(body: Object) -> None:
        body["spec"]["responses"] = []

    def lenient(body: Object) -> None:
        body["spec"]["triggers"][0]["test"]["threshold"]["above"] = "0.5"

    given = edited(bad, hold)
    before = copy.deepcopy(given)

    (held,) = replayed(given, bad.signals).acts

    assert not held.moves
    assert "the policy says hold" in held.text
    assert given == before
    assert replayed(edited(bad, lenient), bad.signals).acts == ()


def test_a_policy_that_observes_finds_and_does_nothing(bad: World) -> None:
    found = replayed(edited(bad, lambda body: body["spec"].update(mode="Observe")), bad.signals)

    assert (found.acts, found.incident) == ((), None)
    assert VerdictKind.BREACHED in {entry.verdict for entry in found.entries}


def test_a_replay_writes_nothing_and_asks_only_about_what_has_passed(bad: World) -> None:
    writes, asked = len(bad.server.writes), len(bad.signals.asked)

    found = replayed(objects(bad), bad.signals)

    assert len(bad.server.writes) == writes
    assert all(q.at <= found.ends.timestamp() for q in bad.signals.asked[asked:])


def test_two_replays_of_the_same_say_the_same(bad: World) -> None:
    assert replayed(objects(bad), bad.signals) == replayed(objects(bad), bad.signals)


class Forgetful:
    """A source that has lost what was before an instant."""

    def __init__(self, signals: MemorySignals, before: datetime) -> None:
        self._signals, self._before = signals, before.timestamp()

    async def read(self, source: str, query: Query) -> Series | Vector:
        found = await self._signals.read(source, query)
        series = [one for one in found if isinstance(one, RawSeries)]
        kept = [(o.labels, tuple(s for s in o.samples if s[0] >= self._before)) for o in series]
        return tuple(RawSeries(labels, samples) for labels, samples in kept if samples)


def test_what_prometheus_has_forgotten_is_said(good: World) -> None:
    half = Forgetful(good.signals, BEGINS + timedelta(seconds=100))

    found = replayed(objects(good), half)

    assert "there is nothing of signal errors before 2026-03-01 12:02:" in " ".join(found.notes)
    with pytest.raises(Impossible, match=r"nothing of errors in namespace lending.*\(retention\)"):
        replayed(objects(good), good.signals, begins=BEGINS + timedelta(days=2))


def test_a_question_that_is_not_answered_ends_it() -> None:
    world = a_good_day()
    world.signals.problem = "cannot be reached"

    with pytest.raises(Impossible, match="signal errors: source default: cannot be reached"):
        replayed(objects(world), world.signals)


def test_a_source_that_goes_away_in_the_middle_ends_it_and_is_no_finding() -> None:
    world = a_good_day()
    reading = world.signals.read

    async def gone(source: str, query: Query) -> Series | Vector:
        if query.at > (BEGINS + timedelta(seconds=60)).timestamp():
            raise QueryRefused("source default: query processing would load too many samples")
        return await reading(source, query)

    world.signals.read = gone  # type: ignore[method-assign]  # it breaks

    with pytest.raises(Impossible, match="too many samples"):
        replayed(objects(world), world.signals)


WITHOUT = {
    "a model": ("AIModelDeployment", "there is no AIModelDeployment loan"),
    "a policy": ("IncidentPolicy", "no IncidentPolicy or ClusterIncidentPolicy selects this model"),
    "a template": ("ClusterSignalTemplate", "errors"),
}


@pytest.mark.parametrize("missing", WITHOUT)
def test_what_is_missing_is_named(good: World, missing: str) -> None:
    kind, words = WITHOUT[missing]

    with pytest.raises(Impossible, match=words):
        replayed([o for o in objects(good) if o["kind"] != kind], good.signals)


def test_a_policy_that_judges_only_canaries_has_nothing_to_replay(good: World) -> None:
    only = a_policy(triggers=[a_trigger()])["spec"]

    with pytest.raises(Impossible, match=r"roles: \[Stable\]"):
        replayed(edited(good, lambda body: body.update(spec=only)), good.signals)


def test_a_model_a_policy_and_a_template_are_enough(bad: World) -> None:
    written = [o for o in copy.deepcopy(objects(bad)) if o["kind"] != "AIModelVersion"]
    for body in written:
        body.pop("status", None)
        body["metadata"] = {
            k: body["metadata"][k] for k in ("name", "namespace", "labels") if k in body["metadata"]
        }

    found = replayed(written, bad.signals)

    assert (found.stable, found.standby) == ("8", "")
    assert "version 8 is taken for known good, without baselines" in " ".join(found.notes)
    assert [act.moves for act in found.acts] == [False]

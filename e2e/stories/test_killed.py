"""The operator is killed after its writes: they have taken effect, and the answers never came.

Between the operator's pod and the API server stands a proxy. It lets the API server carry a write out, and kills the
operator's process before it hears of it. The next process in the pod goes on from what is written down.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from e2e.bed import Bed, LoanModel, Room, Seen, pause, weight
from e2e.bed.ending import Ending, settled
from e2e.interception import Killer, always, at
from e2e.stories.test_containment import serves_beside_a_standby, stands_by, told
from knowngood.api.v1alpha1 import Incident, IncidentPhase, Phase

logger = logging.getLogger(__name__)

pytestmark = pytest.mark.usefixtures("ours")

STEPS = (weight(50), pause("1s"))
WRITES = 15
"""A story has more; else what is counted is not what was meant."""

RATE = 20.0
"""Requests a second: three stories are played at once, and that they end alike is no question of samples."""

LONGEST_S = 800.0
UNDISTURBED_S = 120.0

Course = Callable[[Room, float], None]


def first(room: Room) -> LoanModel:
    """The version that serves when a story begins."""
    return replace(room.model, steps=STEPS, progress_deadline="10m")


def serve(room: Room) -> None:
    """Let the first version serve."""
    room.serve(replace(room.policy, min_samples=50), first(room))


@dataclass(frozen=True, slots=True)
class Story:
    """One story.

    Attributes:
        course: What is played while the operator dies, within so many seconds.
        serve: Lets the first version serve.
        lead_up: What users send requests to meanwhile, and nobody dies of.
    """

    course: Course
    serve: Callable[[Room], None] = serve
    lead_up: Callable[[Room], None] = lambda _: None


def promoted(room: Room, deadline_s: float) -> None:
    """A version that is as good as the first one."""
    room.apply(first(room).next("2"))
    room.wait_for(lambda seen: alone(seen, "2"), "version 2 serves alone", deadline_s)


def rolled_back(room: Room, deadline_s: float) -> None:
    """A version that rejects too many."""
    room.apply(first(room).bad("2", steps=(weight(50), pause("10m"))))
    room.wait_for(
        lambda seen: seen.phase is Phase.ROLLED_BACK and not seen.status.draining,
        "version 2 is taken back",
        deadline_s,
    )


def superseded(room: Room, deadline_s: float) -> None:
    """Version 3 is wanted while version 2 answers a share of the requests."""
    room.apply(first(room).next("2", steps=(weight(50), pause())))
    room.wait_for(lambda seen: seen.applied.get("2") == 50, "version 2 is a canary", deadline_s)
    room.apply(first(room).next("3"))
    room.wait_for(lambda seen: alone(seen, "3"), "version 3 serves alone", deadline_s)


def contained(room: Room, deadline_s: float) -> None:
    """The version that serves turns bad, and the one that stands by takes over."""
    room.order_errors("2", 0.5)
    room.wait_for(
        lambda seen: seen.phase is Phase.CONTAINED and not seen.status.draining,
        "it is contained",
        deadline_s,
    )
    room.wait_until(
        lambda: any("counted to answer nobody" in entry.text for entry in told(room).timeline),
        "its own counters say so",
        120,
    )


STORIES: dict[str, Story] = {
    "promoted": Story(promoted),
    "rolled_back": Story(rolled_back),
    "superseded": Story(superseded),
    "contained": Story(contained, stands_by, serves_beside_a_standby),
}


@pytest.fixture(scope="module")
def undisturbed(bed: Bed) -> dict[str, Ending]:
    """How the stories end when nobody is killed; they are played side by side."""

    def ending(name: str) -> Ending:
        with bed.room(f"undisturbed-{name.replace('_', '-')}") as room:
            return played(room, STORIES[name])

    with ThreadPoolExecutor() as pool:
        return dict(zip(STORIES, pool.map(ending, STORIES), strict=True))


@pytest.fixture(scope="module")
def killer(bed: Bed) -> Iterator[Killer]:
    """What stands between the operator and the API server."""
    with Killer.before(bed.cluster, bed.operator) as made:
        yield made


@pytest.mark.timeout(LONGEST_S + 200)
@pytest.mark.parametrize("story", STORIES)
def test_killed_after_every_write(
    room: Room, killer: Killer, undisturbed: dict[str, Ending], story: str
) -> None:
    """It comes to the same end."""
    # Given a model that serves
    told = STORIES[story]
    told.serve(room)
    with room.load(RATE):
        told.lead_up(room)

        # When the operator dies of every single write
        killer.at_writes_in(room.name, always)
        told.course(room, LONGEST_S)

        # Then all is as if nobody had died, and nobody was told anything twice.
        ends_as(room, undisturbed[story], killer)
    assert killer.deaths == len(killer.writes) > WRITES, killer.writes
    logger.info("%s: %d deaths", story, killer.deaths)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("story", STORIES)
def test_killed_after_one_write(
    bed: Bed,
    killer: Killer,
    undisturbed: dict[str, Ending],
    story: str,
    request: pytest.FixtureRequest,
) -> None:
    if request.config.getoption("--kills") != "each":
        pytest.skip("takes two hours: ask for it with --kills=each")
    number, died = 0, True
    while died:  # a run that nobody died in had fewer writes than that
        number += 1
        with bed.room(f"{story.replace('_', '-')}-{number}") as room:
            STORIES[story].serve(room)
            with room.load(RATE):
                STORIES[story].lead_up(room)
                killer.at_writes_in(room.name, at(number))
                STORIES[story].course(room, LONGEST_S)
                ends_as(room, undisturbed[story], killer)
            died = killer.deaths > 0
            logger.info(
                "%s, %d: killed after %s", story, number, killer.writes[number - 1 : number]
            )
        bed.clear()
    assert number > WRITES


def played(room: Room, story: Story) -> Ending:
    """Play a story undisturbed."""
    story.serve(room)
    with room.load(RATE):
        story.lead_up(room)
        story.course(room, UNDISTURBED_S)
        return settled(room, for_s=5, deadline_s=60)


def alone(seen: Seen, version: str) -> bool:
    """Say whether a version serves, and nothing of another one is left to be done."""
    return seen.serves(version) and not seen.status.draining


def ends_as(room: Room, want: Ending, killer: Killer) -> None:
    """Hold an end against that of the undisturbed run, also what may differ but must make sense."""

    def died_of() -> str:
        return "\n".join([f"deaths: {killer.deaths}", *killer.writes])

    try:
        room.wait_until(lambda: not Ending.of(room).differs_from(want), "the same end", 60)
    except AssertionError as error:
        raise AssertionError(
            "\n".join([*Ending.of(room).differs_from(want), died_of(), str(error)])
        ) from error
    for incident in room.incidents():
        has_sound_clocks(incident)
    notes = [(event.reason, event.note) for event in room.told()]
    assert len(notes) == len(set(notes)), notes


def has_sound_clocks(incident: Incident) -> None:
    """Hold the clocks of a contained incident against each other."""
    assert incident.status
    assert incident.status.phase is IncidentPhase.CONTAINED
    clocks = incident.status.clocks
    assert clocks
    assert clocks.onset
    assert clocks.detected
    assert clocks.contained
    assert clocks.onset <= clocks.detected <= clocks.contained

"""What is judged is what clients were answered: to the last request, whatever happens to pods, scrapes and leaders."""

from typing import Any

import pytest

from e2e.bed import Bed, Room, pause, weight
from e2e.bed.policy import COUNTED, counting
from e2e.load import Load

pytestmark = pytest.mark.usefixtures("ours")

ENOUGH = 250


def test_counts_agree_with_every_answer_through_deaths_gaps_and_another_leader(
    bed: Bed, room: Room
) -> None:
    # Given a version that answers half of the requests, a tenth of them with an error
    room.serve(counting(room.name), room.model)
    with room.load() as load:
        answer_half(room)

        # When one of its pods goes and another one comes,
        answered(room, load)
        (first, *_) = (pod["metadata"]["name"] for pod in room.pods("2"))
        room.kubectl("delete", "pod", first, "--wait=false")
        answered(room, load)
        # nothing is scraped for some seconds,
        bed.cluster.stop_prometheus()
        try:
            answered(room, load)
        finally:
            bed.cluster.start_prometheus()
        # and another process has to find all that out by itself
        bed.operator.kill(bed.operator.leader)
        answered(room, load)

    # Then it counts what the clients were answered, and as many errors.
    tally = load.ledger.tallies()["2"]
    assert tally.failed > 0
    room.wait_until(
        lambda: room.metric("knowngood_canary_samples", trigger=COUNTED) == tally.answers,
        f"{tally.answers} answers are counted",
        deadline_s=60,
    )
    share = room.metric("knowngood_signal_share", trigger=COUNTED, role="Canary")
    assert share is not None
    assert share * tally.answers == pytest.approx(tally.failed, abs=1e-6)


def answer_half(room: Room) -> None:
    """Let a version that fails now and then have half of the requests, and two pods."""
    room.apply(failing(room, "2"))
    half = {"1": 50, "2": 50}
    room.wait_for(lambda seen: seen.applied == half, "it has its share", deadline_s=60)
    room.wait_until(lambda: is_run_by(room, "2", 2), "two pods are ready", deadline_s=60)


def answered(room: Room, load: Load) -> None:
    """Wait until it has given some more answers."""

    def answers() -> int:
        tallies = load.ledger.tallies()
        return tallies["2"].answers if "2" in tallies else 0

    enough = answers() + ENOUGH
    room.wait_until(lambda: answers() >= enough, f"{ENOUGH} more answers", deadline_s=120)


def is_run_by(room: Room, version: str, pods: int) -> bool:
    """Whether so many pods of a version are ready."""
    conditions = [pod["status"].get("conditions") or () for pod in room.pods(version)]
    ready = [c for found in conditions for c in found if c["type"] == "Ready"]
    return bool(sum(c["status"] == "True" for c in ready) == pods)


def failing(room: Room, version: str) -> Any:
    """A version that fails a tenth of the time, and whose pods go on long enough to be scraped to the end."""
    made = room.model.next(version, replicas=3, steps=(weight(50), pause()))
    env = made.template()["spec"]["containers"][0]["env"]
    more = [{"name": "ERROR_RATE", "value": "0.1"}, {"name": "DRAIN_SECONDS", "value": "8"}]
    return made.next(
        version,
        container={"env": [*env, *more]},
        pod={"terminationGracePeriodSeconds": 20},
    )

"""People try a version before users meet it."""

from typing import Final

import requests
from prometheus_client.parser import text_string_to_metric_families

from e2e.bed import Room, pause, weight
from e2e.bed.loan import PORT
from e2e.models.server import TRIAL_HEADER, VERSION_HEADER
from e2e.stories.gateways import ON_BOTH_GATEWAYS
from knowngood.api.v1alpha1 import Phase, WaitingFor

HEADER: Final = "X-Model-Preview"
VALUE: Final = "a-word-that-few-know"
TRIED: Final = 200
MARKED: Final = 20


def answers_to_trials(room: Room) -> str:
    return room.answer(**{HEADER: VALUE}).headers.get(VERSION_HEADER, "")


def counted(room: Room, version: str) -> float:
    """Return how many answers the pods of a version say they have given."""
    total = 0.0
    with requests.Session() as session:
        session.trust_env = False  # the cluster is here, whatever proxy is set
        for pod in room.pods(version):
            reply = session.get(f"http://{pod['status']['podIP']}:{PORT}/metrics", timeout=5)
            families = text_string_to_metric_families(reply.text)
            samples = (sample for family in families for sample in family.samples)
            total += sum(s.value for s in samples if s.name == "model_requests_total")
    return total


def nobody_hides(room: Room) -> None:
    """Count requests that strangers mark themselves."""
    before = counted(room, "1")
    for _ in range(MARKED):
        assert room.answer(**{TRIAL_HEADER: "true"}).headers[VERSION_HEADER] == "1"
    assert counted(room, "1") == before + MARKED


@ON_BOTH_GATEWAYS
def test_canary_is_tried_by_people_before_any_user_meets_it(room: Room) -> None:
    # Given a model that lets people try its canaries, where nobody hides from being counted
    model = room.model.next("1", trial=(HEADER, VALUE))
    room.serve(room.policy, model)

    nobody_hides(room)
    # and without a canary such a request is one as any other
    assert answers_to_trials(room) == "1"

    with room.load():
        # When a version waits for a person before its first share
        room.apply(model.next("2", steps=(pause(), weight(50), pause())))
        room.wait_for(lambda seen: seen.waits_for is WaitingFor.PERSON, "2 waits", deadline_s=40)

        # Then it answers those who try it, and no user,
        room.wait_until(lambda: answers_to_trials(room) == "2", "2 can be tried", deadline_s=20)
        assert room.seen().applied == {"1": 100}
        assert [room.answer().headers[VERSION_HEADER] for _ in range(MARKED)] == ["1"] * MARKED
        assert room.answer(**{HEADER: "a guess"}).headers[VERSION_HEADER] == "1"
        room.tells_once("TrialBegun")

        # and whatever they provoke is held against nobody.
        room.order_errors("2", 1.0)
        for _ in range(TRIED):
            assert answers_to_trials(room) == "2"
        assert counted(room, "2") == 0
        room.order_errors("2", 0.0)
        room.command("promote", "2")
        room.wait_for(lambda seen: seen.applied.get("2") == 50, "2 has its share", deadline_s=40)
        assert answers_to_trials(room) == "2"

        # When it is given up
        room.command("abort", "2")
        room.wait_for(lambda seen: seen.phase is Phase.ROLLED_BACK, "2 is gone", deadline_s=40)

        # Then whoever serves answers them again.
        room.wait_until(lambda: answers_to_trials(room) == "1", "1 answers all", deadline_s=10)
    assert room.incidents() == []

"""Answers that name the version which gave them."""

from typing import Final

from e2e.bed import Room, pause, weight
from e2e.models.server import VERSION_HEADER
from e2e.stories.gateways import ON_BOTH_GATEWAYS

HEADER: Final = "X-Decided-By"
ASKED: Final = 40


@ON_BOTH_GATEWAYS
def test_answers_name_their_version(room: Room) -> None:
    # Given a model whose answers should carry its version
    model = room.model.next("1", version_header=HEADER)
    room.serve(room.policy, model)
    with room.load():
        # When the gateway was seen to be able to do that
        room.wait_until(
            lambda: room.answer().headers.get(HEADER) == "1", "they carry it", deadline_s=40
        )
        header = room.seen().status.traffic
        assert header is not None
        assert header.version_header is not None

        # Then each answer names the version that gave it, also while there are two.
        room.apply(model.next("2", steps=(weight(50), pause())))
        room.wait_for(lambda seen: seen.applied == {"1": 50, "2": 50}, "both answer", deadline_s=60)
        room.wait_until(
            lambda: room.answer().headers.get(HEADER) == "2", "version 2 does", deadline_s=20
        )
        answers = [room.answer().headers for _ in range(ASKED)]
        assert {answer[HEADER] for answer in answers} == {"1", "2"}
        assert all(answer[HEADER] == answer[VERSION_HEADER] for answer in answers)
        room.tells_once("AnswersSigned")

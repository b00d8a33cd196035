"""Copies of requests before the first request: on a gateway that can, and on those that only seem to."""

import pytest

from e2e.bed import Gateway, Room, mirror, pause, weight
from e2e.bed.chart import NAMESPACE as OPERATOR
from e2e.bed.loan import Json, LoanModel
from e2e.stories.test_foreign_routes import EDGE, backends_taken_out, served_by_the_old_one, spec_of
from knowngood.api.v1alpha1 import IncidentPhase, Phase

COPIED = (mirror(100), pause(samples=100), weight(50), pause("2s"))
ON_TRAEFIK = pytest.mark.parametrize("gateway", [Gateway.TRAEFIK], ids=["traefik"])


def harmless(room: Room) -> LoanModel:
    """The model, declared to do nothing besides answering."""
    return room.model.next("1", side_effects="None")


def copied(room: Room) -> int | None:
    """Share of the requests that the canary should get copies of."""
    traffic = room.seen().status.traffic
    found = [b.mirror_percent for b in traffic.backends if b.mirror_percent] if traffic else []
    return found[0] if found else None


def test_good_version_is_judged_by_copies_and_then_answers(room: Room) -> None:
    # Given a model whose requests may be answered twice
    room.serve(room.policy, harmless(room))
    with room.load() as load:
        # When a version is rolled out that gets copies first
        room.apply(harmless(room).next("2", steps=COPIED))

        # Then it gets them, and nobody gets its answers,
        room.wait_until(lambda: copied(room) == 100, "copies are asked for", deadline_s=60)
        room.wait_until(lambda: room.told("MirrorSet"), "the gateway does it", deadline_s=20)
        assert load.ledger.first_of("2") is None
        # until they have shown enough; then it goes on without copies, to its end.
        room.wait_for(lambda seen: seen.weights == {"1": 50, "2": 50}, "it has a share", 90)
        assert copied(room) is None
        room.wait_for(lambda seen: seen.serves("2"), "version 2 serves alone", deadline_s=90)
    assert load.ledger.first_of("2") is not None
    assert room.incidents() == []


def test_bad_version_is_taken_back_before_anybody_met_it(room: Room) -> None:
    # Given a model whose requests may be answered twice
    room.serve(room.policy, harmless(room))
    with room.load() as load:
        # When a version is rolled out that gets copies first, and its preprocessing is wrong
        steps = (mirror(100), pause("5m"), weight(50))
        room.apply(harmless(room).bad("2", steps=steps))

        # Then its answers to the copies are enough to take it back.
        room.wait_for(lambda seen: seen.phase is Phase.ROLLED_BACK, "it is back", deadline_s=120)
        assert copied(room) is None
        room.wait_until(
            lambda: (
                [i.status and i.status.phase for i in room.incidents()] == [IncidentPhase.CONTAINED]
            ),
            "there is one incident, and it is contained",
            deadline_s=20,
        )
    assert set(load.ledger.tallies()) == {"1"}


def test_part_of_the_requests_is_not_copied_where_the_gateway_copies_all_or_none(
    room: Room,
) -> None:
    # Given a gateway that does not know percentages of copies
    room.serve(room.policy, harmless(room))
    with room.load() as load:
        # When a version asks for copies of a fifth
        room.apply(harmless(room).next("2", steps=(mirror(20), pause("2s"), weight(50))))

        # Then nothing is copied, and it says what could be had.
        seen = room.wait_for(
            lambda seen: seen.says("Stalled", "MirrorUnsupported", true=True), "it says so", 90
        )
        said = seen.condition("Stalled")
        assert said is not None
        assert "say 100" in said.message
        assert copied(room) is None
        room.command("abort", "2")
        room.wait_for(lambda seen: seen.phase is Phase.ROLLED_BACK, "it is aborted", deadline_s=30)
    assert set(load.ledger.tallies()) == {"1"}


@ON_TRAEFIK
def test_gateway_that_answers_errors_to_a_mirror_is_never_given_one(room: Room) -> None:
    # Given a gateway that says of a route with a mirror that it is accepted, and answers 500 to all of it
    room.serve(room.policy, harmless(room))
    with room.load() as load:
        # When a version asks for copies
        room.apply(harmless(room).next("2", steps=COPIED))

        # Then that was tried elsewhere, nobody was harmed, and it says what it saw;
        seen = room.wait_for(
            lambda seen: seen.says("Stalled", "MirrorUnsupported", true=True), "it says so", 90
        )
        said = seen.condition("Stalled")
        assert said is not None
        assert "it answered 500" in said.message
        left = room.kubectl("get", "httproutes,services", "-n", OPERATOR, "-o", "name")
        assert "probe" not in left
        # and without the step the rollout goes on to its end.
        room.apply(harmless(room).next("2", steps=COPIED[2:]))
        room.wait_for(lambda seen: seen.serves("2"), "version 2 serves alone", deadline_s=120)
    assert not load.ledger.lost()


def test_foreign_route_has_our_mirror_for_a_while_and_nothing_else_is_touched(room: Room) -> None:
    # Given a route of somebody else, with filters of theirs, that leads to a model
    served_by_the_old_one(room)
    model = harmless(room).next("1", route=EDGE)
    room.apply(room.policy, model)
    room.wait_for(lambda seen: seen.serves("1"), "version 1 serves", deadline_s=120)
    room.wait_until(lambda: len(rule(room)["backendRefs"]) == 1, "it is alone", deadline_s=20)
    before = spec_of(room)
    with room.load() as load:
        # When a bad version gets copies through it
        room.apply(model.bad("2", steps=(mirror(100), pause("5m"), weight(50))))
        room.wait_until(lambda: room.told("MirrorSet"), "the gateway does it", deadline_s=60)

        # Then the mirror stands behind their filters, and all else is as it was,
        theirs, ours = rule(room)["filters"]
        assert [theirs] == rule_of(before)["filters"]
        assert ours["type"] == "RequestMirror"
        assert ours_taken_out(spec_of(room)) == ours_taken_out(before)
        # and when the version is gone, every byte is.
        room.wait_for(lambda seen: seen.phase is Phase.ROLLED_BACK, "it is back", deadline_s=120)
        room.wait_until(lambda: spec_of(room) == before, "the route is as before", deadline_s=60)
    assert set(load.ledger.tallies()) == {"1"}


def rule(room: Room) -> Json:
    """The rule that leads to the model, as it is now."""
    return rule_of(spec_of(room))


def rule_of(spec: Json) -> Json:
    """The rule that leads to the model."""
    found: list[Json] = [r for r in spec["rules"] if r["name"] == "predict"]
    return found[0]


def ours_taken_out(spec: Json) -> Json:
    """A route without what may be ours: backends of the rule that leads to the model, and its last filter."""
    plain = backends_taken_out(spec)
    rules = [{**r, "filters": r["filters"][:1]} if "filters" in r else r for r in plain["rules"]]
    return {**plain, "rules": rules}

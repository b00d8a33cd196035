"""`incident approve` and `veto` on a real API server: what waits is answered, once, in the caller's own name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.api.v1alpha1.approvals import ApprovalAnswer
from knowngood.cli.cluster import Cluster as Server
from knowngood.cli.cluster import Place
from knowngood.cli.deciding import _add
from tests.cli.program import Ended, run
from tests.cli.stage import Json, Stage
from tests.cli.statuses import flat

AT = "2026-03-01T12:00:00.000000Z"


def an_action(identity: str = "a2", state: str = "Waiting", kind: str = "ShiftToShadow") -> Json:
    asked = {"to": "7", "mode": "Require", "people": 2, "onTimeout": "Hold"}
    return {
        "id": identity,
        "type": kind,
        "state": state,
        "startedAt": AT,
        "result": "it begins as soon as 2 people have approved",
        "approval": {**asked, "askedAt": AT, "until": AT},
    }


def with_actions(*actions: Json) -> Callable[[Json], None]:
    return lambda status: status.update(actions=[*status["actions"], *actions])


@pytest.fixture
def asks(stage: Stage) -> Stage:
    """An incident in which an action waits for people."""
    stage.model()
    stage.incident(stage.status("rolling back"))
    stage.forge("loan-1", with_actions(an_action()))
    return stage


def call(stage: Stage, verb: str, *words: str) -> Ended:
    return run("incident", verb, "loan-1", *words, *stage.place)


def said(stage: Stage) -> list[tuple[str, str, str, str | None]]:
    answers = stage.found("loan-1").spec.approvals
    return [(a.action_id, a.decision.value, a.by, a.note) for a in answers]


def test_what_waits_is_shown_and_approved_once_in_ones_own_name(asks: Stage) -> None:
    shown = flat(call(asks, "show").out)
    assert "a2 ShiftToShadow: it waits for people: it begins as soon as 2 people" in shown

    got = call(asks, "approve", "--note", "the feed is fine")

    assert (got.code, got.err) == (0, "")
    (answer,) = said(asks)
    assert answer[:2] == ("a2", "Approve")
    assert answer[3] == "the feed is fine"
    lacks = "that is 1 of 2: somebody else has to approve it too"
    assert flat(got.out) == f"a2 of loan-1 is approved by {answer[2]}; {lacks}"
    again = call(asks, "approve", "--action", "a2")
    assert (again.code, again.out) == (0, f"a2 of loan-1 is approved already, by {answer[2]}\n")
    assert f"answered a2 Approve by {answer[2]}: the feed is fine" in flat(call(asks, "show").out)


def test_a_veto_is_final_also_for_whoever_approved(asks: Stage) -> None:
    assert call(asks, "approve").code == 0

    got = call(asks, "veto", "--note", "no")

    assert got.code == 0
    assert "a2 of loan-1 is vetoed by" in got.out
    assert [decision for _, decision, _, _ in said(asks)] == ["Approve", "Reject"]
    assert call(asks, "veto").code == 0, "said again by the same person"


def test_whoever_comes_after_a_veto_is_told_who_said_no(asks: Stage, tmp_path: Path) -> None:
    access = tmp_path / "access"
    access.write_text(yaml.safe_dump(asks.access("get,patch incidents")))
    words = ("loan-1", "--kubeconfig", str(access))
    account = f"system:serviceaccount:{asks.namespace}:somebody"
    assert run("incident", "veto", *words).code == 0

    got = call(asks, "approve")

    assert (got.code, got.out) == (
        1,
        f"a2 of loan-1 is vetoed already, by {account}: that is final\n",
    )


@pytest.mark.parametrize(
    ("actions", "words", "code", "says"),
    [
        ([], (), 1, "nothing of loan-1 waits for people"),
        ([an_action(state="Withdrawn")], (), 1, "nothing of loan-1 waits for people"),
        (
            [an_action(state="Rejected")],
            ("--action", "a2"),
            1,
            "a2 of loan-1 was vetoed: that is final",
        ),
        ([an_action(state="Started")], (), 1, "has begun, and waits for nobody"),
        ([an_action(state="Verified")], (), 1, "what reverses it: knowngood undo loan --version 8"),
        (
            [an_action(), an_action("a3")],
            (),
            2,
            "several actions of loan-1 wait (a2 ShiftToShadow, a3 ShiftToShadow)",
        ),
        ([an_action()], ("--action", "a7"), 2, "loan-1 has no action 'a7'"),
        ([an_action()], ("--note", "x" * 1025), 2, "--note: at most 1024 characters"),
    ],
    ids=["none", "withdrawn", "rejected", "begun", "done", "several", "unknown", "long note"],
)
def test_what_can_not_be_answered_is_said_in_one_line(
    actions: list[Json], words: tuple[str, ...], code: int, says: str, asks: Stage
) -> None:
    asks.forge("loan-1", lambda status: status.update(actions=[status["actions"][0], *actions]))

    for verb in ("approve", "veto"):
        got = call(asks, verb, *words)
        assert got.code == code
        assert says in got.out + got.err
    assert said(asks) == []


def test_a_closed_incident_is_answered_no_more(asks: Stage) -> None:
    asks.forge("loan-1", lambda s: s.update(phase="Closed", resolution="Resolved"))

    for verb in ("approve", "veto"):
        got = call(asks, verb)
        assert (got.code, got.out) == (1, "loan-1 is closed already as Resolved\n")


def test_two_who_answer_in_the_same_moment_are_both_heard(asks: Stage) -> None:
    server = Server.connect(Place(asks.namespace, None, str(asks.cluster.kubeconfig)))
    seen = asks.found("loan-1")
    assert call(asks, "approve").code == 0

    mine: Any = {"actionId": "a2", "decision": "Approve", "by": "bob"}
    _add(server, seen, ApprovalAnswer.model_validate(mine))

    assert len(said(asks)) == 2

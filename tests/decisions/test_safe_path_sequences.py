"""Whatever happens, and in whatever order: who answers is one, was named before, and was agreed to."""

from dataclasses import replace
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import VerdictKind
from knowngood.api.v1alpha1.safe_path import SAFE_PATH
from tests.decisions.containment import SERVES, STANDS_BY, a_breach, said
from tests.decisions.ladders import Laddered
from tests.decisions.situations import a_trigger

BAD = a_breach()
WELL = a_trigger(VerdictKind.HEALTHY)
FAILS_TOO: Final[dict[str, Any]] = {"better": (), "standby": (said(VerdictKind.BREACHED),)}
EVENTS: Final = ("bad", "well", "unproved", "yes", "no", "undo", "gone", "there", "late")


class Story:
    """A story of a model whose standby is bad, too."""

    def __init__(self) -> None:
        self.told = Laddered(BAD, **FAILS_TOO)
        self.agreed = self.refused = False
        self.named = False

    def goes_on(self, event: str) -> None:
        told = self.told
        waits = [a for a in told.status.actions if a.state == "Waiting"]
        if event in {"yes", "no"} and waits:
            told.say("alice", "Approve" if event == "yes" else "Reject", waits[0].id)
            self.agreed = self.agreed or event == "yes"
            self.refused = self.refused or event == "no"
        if event in {"gone", "there"}:
            ready = {**told.play.s.ready, SAFE_PATH: int(event == "there")}
            told.play.s = replace(told.play.s, ready=ready)
        if event == "undo" and SAFE_PATH in told.answering:
            told.command(f"undo {SERVES}")
            self.refused = True
        trigger = WELL if event == "well" else BAD
        seen: dict[str, Any] = {"better": ()} if event == "unproved" else FAILS_TOO
        told.after(250 if event == "late" else 3, trigger, **seen)
        self.holds()

    def holds(self) -> None:
        told, plan = self.told, self.told.play.plan
        assert plan is not None
        answering = told.answering
        assert list(answering.values()) == [100], "one answers, and alone"
        assert answering.keys() <= {SERVES, SAFE_PATH}, f"{STANDS_BY} was not shown to be right"
        if SAFE_PATH in answering:
            assert self.agreed, "nobody has approved it"
            assert not self.refused, "it was refused before"
            assert self.named, "it was not named before"
        self.named = SAFE_PATH in plan.shares


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(EVENTS), min_size=4, max_size=14))
def test_it_answers_alone_after_it_was_named_and_agreed_to_and_never_after_a_no(
    events: list[str],
) -> None:
    story = Story()

    for event in events:
        story.goes_on(event)

"""Claims about every sequence of answers, time and findings, held against a model of what may begin when."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import Phase, VerdictKind
from tests.decisions.consent import Asked, a_question
from tests.decisions.containment import RIGHT, said, seen
from tests.decisions.states import NOW

PEOPLE = ("alice", "bob", "carl")
MODES = st.sampled_from(
    [
        {"mode": "Require"},
        {"mode": "Require", "people": 2},
        {"mode": "Require", "people": 2, "onTimeout": "Act", "timeout": "2m"},
        {"mode": "VetoWindow", "timeout": "1m"},
    ]
)
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(PEOPLE), st.sampled_from(["Approve", "Reject"])),
        st.tuples(st.just("wait"), st.sampled_from([1, 30, 90])),
        st.tuples(st.just("see"), st.sampled_from(["proved", "unproved", "bad", "stale"])),
    ),
    max_size=8,
)


def world(story: Asked, what: str, rule: dict[str, object]) -> object:
    """What is seen of both versions: whether the one that stands by may have the requests by it."""
    question = a_question(**rule)  # type: ignore[arg-type] # as a policy writes it
    at = story.play.s.now.timestamp() - (600 if what == "stale" else 0)
    fresh = replace(question, verdict=replace(question.verdict, at=at))
    standby = (said(VerdictKind.BREACHED),) if what == "bad" else (RIGHT,)
    better = () if what == "unproved" else None
    return seen(fresh, standby=standby, better=better)


@settings(max_examples=150, deadline=None)
@given(rule=MODES, moves=MOVES)
def test_nothing_is_shifted_without_proof_nor_against_anybody_nor_by_too_few(
    rule: dict[str, object], moves: list[tuple[object, ...]]
) -> None:
    story, what = Asked(a_question(**rule)), "proved"  # type: ignore[arg-type] # likewise
    answers: dict[str, set[str]] = {"Approve": set(), "Reject": set()}
    for kind, *values in moves:
        if kind == "say":
            by, decision = map(str, values)
            answers[decision].add(by)
            story.say(by, decision, "a2")
        if kind == "see":
            what = str(values[0])
        seconds = float(str(values[0])) if kind == "wait" else 1.0
        story.look(later=timedelta(), serving=world(story, what, rule))
        plan = story.after(seconds, serving=world(story, what, rule))
        if plan.phase is Phase.CONTAINING:
            assert what == "proved"
            assert not answers["Reject"]
            waited = (story.play.s.now - NOW).total_seconds()
            enough = len(answers["Approve"]) >= int(str(rule.get("people", 1)))
            by_time = rule["mode"] == "VetoWindow" or rule.get("onTimeout") == "Act"
            assert enough or (by_time and waited >= 60)
            return

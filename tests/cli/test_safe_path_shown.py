"""`status` and `why` say that no model answers while the safe path does."""

from datetime import timedelta

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.api.v1alpha1.safe_path import SafePathStatus, SafePathStep
from knowngood.cli.ordering import Guess, guess
from knowngood.cli.views.going import going_on
from knowngood.cli.views.one import one
from knowngood.decisions.commands import Verb
from tests.cli.statuses import decided, flat, having, printed
from tests.decisions.situations import a_model
from tests.decisions.states import NOW, STATES

TAKEN = SafePathStatus(
    service="review",
    port=80,
    step=SafePathStep.TAKEN,
    version="7",
    incident="loan-1",
    by="alice",
    since=NOW,
    step_at=NOW,
    taken_at=NOW,
    until=NOW + timedelta(hours=8),
)
STATE = "guarding, with a standby that gets copies"


def serving() -> AIModelDeployment:
    return decided(STATE, a_model(STATES[STATE], desired="7"))


def test_it_says_who_answers_and_until_when() -> None:
    model = having(serving(), safe_path=TAKEN)

    text = "the safe path (review) answers all requests, and no model does"
    assert going_on(model).startswith(text)
    assert "until 2026-03-01 20:00:00Z at most" in flat(printed(one(model, [], None)))


def test_it_says_that_it_lasts_for_too_long() -> None:
    late = TAKEN.model_copy(update={"overdue_at": NOW})

    assert going_on(having(serving(), safe_path=late)).endswith("at most: decide")


def test_who_is_restored_is_who_served() -> None:
    model = serving()
    serves = model.status.versions.stable if model.status and model.status.versions else ""

    assert guess(having(model, safe_path=TAKEN), Verb.RESTORE) == Guess(serves, "it answers users")
    wanted = model.spec.model.version
    assert guess(model, Verb.RESTORE) == Guess(wanted, "the spec asks for it")

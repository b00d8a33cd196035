"""`status` says what is known of the version that stands by, while nothing is wrong."""

from knowngood.api.v1alpha1 import ConditionType, FallbackState, FallbackStatus, Reason
from knowngood.cli.views.attention import attention
from knowngood.cli.views.one import one
from tests.cli.statuses import decided, flat, having, printed, with_condition
from tests.decisions.states import NOW


def test_it_says_what_is_known_of_the_version_that_users_would_be_sent_to() -> None:
    known = FallbackStatus(
        version="7", state=FallbackState.WRONG, since=NOW, message="version 7: it has no field /x"
    )
    guarding = decided("guarding, with a standby that gets copies")

    assert "version 7: it has no field /x (Wrong, since 2026-03-01 12:00:00Z)" in flat(
        printed(one(having(guarding, fallback=known), [], None))
    )
    assert "If it turns bad" not in printed(one(having(guarding, fallback=None), [], None))


def test_nothing_is_advised_about_a_version_that_stands_by_and_fails_while_none_is_rolled_out() -> (
    None
):
    kind, message = (
        ConditionType.KNOWN_GOOD_AVAILABLE,
        "version 7 stands by, and fails trigger errors",
    )
    serving = with_condition(decided("guarding"), kind, Reason.BREACHED, message, holds=False)
    going_on = with_condition(decided("pausing"), kind, Reason.BREACHED, message, holds=False)

    assert [a.advice for a in attention(serving)] == [None]
    (found,) = attention(going_on)
    assert found.advice is not None
    assert found.advice.command == "knowngood abort loan --version 8 -n lending"

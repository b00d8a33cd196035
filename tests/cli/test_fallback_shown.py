"""`status` says what is known of the version that stands by, while nothing is wrong."""

from knowngood.api.v1alpha1 import FallbackState, FallbackStatus
from knowngood.cli.views.one import one
from tests.cli.statuses import decided, flat, having, printed
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

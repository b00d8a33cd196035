"""`why` about the version that serves: what is found about it, and what it is compared with."""

from dataclasses import replace
from datetime import timedelta

from knowngood.api.v1alpha1 import AIModelDeployment, Baseline, BaselineSource, VerdictKind
from knowngood.cli.views.about import About, asked_about
from knowngood.cli.views.why import why
from knowngood.decisions.serving import ServingView
from knowngood.decisions.trigger_views import Read
from tests.cli.statuses import decided, flat, printed, record
from tests.decisions.situations import a_model, a_trigger
from tests.decisions.states import NOW, STATES


def text(about: About) -> str:
    return flat(printed(why(about)))


def at_rest() -> AIModelDeployment:
    return a_model(STATES["at rest"], desired="7")


def found_while_serving() -> About:
    """Version 7 answers everybody, and a trigger is breached for it."""
    read = Read("error-rate", "errors_total among requests_total", NOW.timestamp() - 600)
    trigger = replace(a_trigger(VerdictKind.BREACHED), read=read)
    seen = ServingView("7", NOW - timedelta(hours=1), (trigger,), ())
    return About(decided("at rest", at_rest(), serving=seen), "7", record("7"))


def test_a_verdict_is_explained_with_what_was_read_and_what_it_is_worth() -> None:
    found = text(found_while_serving())

    for part in (
        "a trigger is breached for it, and nothing is shifted for that, because the policy says hold",
        "loan-1",
        "Read was error-rate: errors_total among requests_total; counted from 2026-03-01 11:50:00Z to 2026-03-01 12:0",
        "version 7: 81 of 900 requests (9.0%)",
        "The statistic of the test is 30, and a breach needs 20",
        "What that is worth: 1 in 100.",
        "look at what reaches it",
    ):
        assert part in found


def test_a_breach_of_what_serves_is_what_a_person_most_likely_asks_about() -> None:
    version, why_this = asked_about(found_while_serving().model, [])

    assert (version, why_this) == ("7", "it answers users, and a trigger is breached for it")


def test_what_later_hours_are_compared_with_is_told() -> None:
    """A baseline that somebody has handed in is told with the name of who did."""
    known = record("7")
    assert known.status is not None
    baseline = Baseline(
        signal="error-rate",
        source=BaselineSource.HANDED_IN,
        events=(5,),
        totals=(900,),
        samples=900,
        from_=NOW - timedelta(days=1),
        to=NOW,
        accepted_by="alice",
    )
    status = known.status.model_copy(update={"baselines": (baseline,)})
    about = About(decided("at rest", at_rest()), "7", known.model_copy(update={"status": status}))

    assert (
        "error-rate 900 requests from 2026-02-28 12:00:00Z to 2026-03-01 12:00:00Z, HandedIn by alice"
        in text(about)
    )

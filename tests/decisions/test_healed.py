"""That a version is well again is told with numbers: those of now beside those with which the harm was found."""

from dataclasses import replace
from datetime import timedelta

from knowngood.analysis.verdicts import Evidence
from knowngood.api.v1alpha1 import IncidentStatus, VerdictKind
from knowngood.decisions.progress import progressed
from knowngood.decisions.trigger_views import Read, TriggerView
from knowngood.decisions.wellness import looked
from tests.decisions.containment import SERVES, said, seen
from tests.decisions.test_progress import MUCH_LATER, a_hold, healthy

COUNTED = Evidence(
    0.1, 20.0, 480, 230, 4000, 1916, 0.4792, 0.479, 0.0, None, None, "one in ten years"
)
READ = Read("approval-rate", "approved / all", MUCH_LATER.timestamp() - 60)


def well() -> TriggerView:
    view = said(VerdictKind.HEALTHY, at=MUCH_LATER.timestamp())
    return replace(view, verdict=replace(view.verdict, evidence=COUNTED), read=READ)


def after(view: TriggerView) -> IncidentStatus:
    model, incident = a_hold()
    assert incident.status is not None
    wellness = looked(None, seen(view), MUCH_LATER)
    return progressed(healthy(model), incident, incident.status, wellness, MUCH_LATER)


def test_the_timeline_says_what_it_was_and_what_it_is() -> None:
    status = after(well())

    since = (MUCH_LATER - timedelta(seconds=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
    was = status.evidence[0]
    assert was.samples is not None
    assert was.events is not None
    share = f"{100 * was.events / was.samples:.1f} % ({was.events} of {was.samples} requests)"
    assert status.timeline[-1].text == (
        f"what was found about version {SERVES} is over: trigger errors is Healthy again: approval-rate is "
        f"47.9 % (230 of 480 requests) since {since}, and was {share} when it was found"
    )


def test_the_numbers_of_now_are_evidence_too() -> None:
    status = after(well())

    found, over = status.evidence
    assert (found.verdict, over.verdict) == (VerdictKind.BREACHED, VerdictKind.HEALTHY)
    assert (over.id, over.trigger, over.policy) == ("e2", found.trigger, found.policy)
    assert (over.events, over.samples, over.reference_samples) == (230, 480, 4000)
    assert over.message == status.timeline[-1].text


def test_where_there_are_no_numbers_none_are_told() -> None:
    bare = replace(well(), verdict=replace(well().verdict, evidence=None))

    status = after(bare)

    assert status.timeline[-1].text.endswith("is over: trigger errors is Healthy again")
    assert len(status.evidence) == 1

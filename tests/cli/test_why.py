"""`why`: what was written down about a version, and what a person can do."""

import pytest

from knowngood.api.v1alpha1 import (
    Basis,
    ConditionType,
    FailureReason,
    FixedEffect,
    Incident,
    IncidentStatus,
    RejectedVersion,
    Rejection,
    VerdictKind,
)
from knowngood.cli.views.about import About, Case, asked_about, told_in
from knowngood.cli.views.why import REASONS, why
from tests.cli.statuses import decided, flat, having, incident_of, printed, record, with_condition
from tests.decisions.situations import a_model, a_trigger
from tests.decisions.states import NOW, STATES

DIGEST = "v1:sha256:" + "0" * 64


def text(about: About) -> str:
    return flat(printed(why(about)))


def breached() -> About:
    """Version 8 was found out just now."""
    model = decided("pausing", triggers=(a_trigger(VerdictKind.BREACHED),))
    return About(model, "8", record("8"), incident_of(model))


def rejected(reason: FailureReason = FailureReason.BREACHED, *, desired: str = "8") -> About:
    """Version 8 was taken back, and everything about that is written down."""
    model = decided("rolling back", a_model(STATES["rolling back"], desired=desired))
    told = Rejection(incident="loan-1", reason=reason, trigger="errors", time=NOW)
    return About(model, "8", record("8", rejection=told), incident_of(model))


@pytest.mark.parametrize(
    ("state", "version", "case"),
    [
        ("pausing", "8", Case.TRIED),
        ("promoting", "8", Case.TRIED),
        ("rolling back", "8", Case.TAKEN_BACK),
        ("pausing", "7", Case.SERVING),
        ("pausing", "6", Case.PAST),
        ("first version starts", "8", Case.STARTING),
    ],
)
def test_a_version_is_in_one_case(state: str, version: str, case: Case) -> None:
    assert About(decided(state), version).case is case


def test_why_says_what_was_shown_what_is_missing_and_on_what_it_went_on() -> None:
    shown, missing = (
        a_trigger(VerdictKind.HEALTHY, shown=True),
        a_trigger(VerdictKind.INCONCLUSIVE, shown=False, name="approvals"),
    )
    told = text(About(decided("pause is over", triggers=(shown, missing)), "8", record("8")))

    assert "shown: the verdict is Healthy" in told
    assert "promise: 5 %" in told
    assert "missing: trigger approvals of IncidentPolicy lending: not shown yet" in told
    passed = text(About(decided("pause is over", triggers=(shown,)), "8", record("8")))
    assert "went on: errors of policy lending: Healthy: the verdict is Healthy" in passed


def test_a_version_that_goes_back_is_in_its_own_case() -> None:
    assert breached().case is Case.GOING_BACK


def test_a_version_that_is_wanted_and_was_not_started_is_in_its_own_case() -> None:
    model = having(decided("promoted, not seen yet"), rejected=()).model_copy(
        update={"spec": a_model(desired="9").spec}
    )

    assert About(model, "9").case is Case.WANTED


def test_a_name_that_was_rejected_with_other_contents_is_not_rejected() -> None:
    model = decided("promoted, not seen yet")
    other = (RejectedVersion(version="7", digest="v1:sha256:11"),)
    same = (RejectedVersion(version="7", digest=DIGEST),)

    assert About(having(model, rejected=other), "7", record("7")).case is Case.PAST
    assert About(having(model, rejected=same), "7", record("7")).case is Case.TAKEN_BACK


def test_the_counts_are_told_with_what_they_promise() -> None:
    found = text(breached())

    for part in (
        "errors of policy lending: Breached",
        "version 8 81 of 900 requests (9.0%)",
        "version 7 80 of 8100 requests (1.0%)",
        "statistic 30 (limit 20)",
        "promise 1 in 100",
    ):
        assert part in found


def test_the_timeline_and_the_clocks_are_told_in_order() -> None:
    found = text(breached())

    began = found.index("version 8 starts to differ")
    assert began < found.index("all requests are sent back to version 7")
    assert "began 2026-03-01 11:59:25Z (estimated)" in found
    assert "acknowledged by nobody yet" in found


def test_it_says_how_long_the_containment_took() -> None:
    assert "contained 2026-03-01 12:00:00Z, 20s after it was detected" in text(rejected())


@pytest.mark.parametrize("reason", FailureReason)
def test_every_reason_has_words(reason: FailureReason) -> None:
    assert f"it was taken back at 2026-03-01 12:00:00Z because {REASONS[reason]}" in text(
        rejected(reason)
    )


def test_without_an_incident_the_status_tells_why() -> None:
    model = having(decided("rolling back"), incident_ref=None)

    assert "because a trigger was breached: it failed. version 7 answers" in text(
        About(model, "8", record("8"))
    )


def test_an_incident_that_was_deleted_is_named() -> None:
    told = Rejection(incident="loan-4", reason=FailureReason.BREACHED, time=NOW)

    assert "loan-4 is not written yet, or was deleted" in text(
        About(decided("rolling back"), "8", record("8", rejection=told))
    )


@pytest.mark.parametrize(
    ("about", "told", "not_told"),
    [
        pytest.param(
            rejected(),
            [
                "another value than 8",
                "apply the manifest of version 7",
                "knowngood retry loan --version 8",
            ],
            ["promote", "abort"],
            id="rejected, and the spec asks for it",
        ),
        pytest.param(
            rejected(desired="7"),
            ["the spec does not ask for version 8", "and then knowngood retry loan --version 8"],
            ["promote", "abort"],
            id="rejected, and the spec is back",
        ),
        pytest.param(
            breached(),
            ["knowngood wait loan --version 8"],
            ["retry", "promote", "abort"],
            id="going back",
        ),
        pytest.param(
            About(decided("waiting for a person"), "8"),
            ["let it go on knowngood promote loan --version 8", "knowngood abort loan --version 8"],
            ["retry"],
            id="waits for a person",
        ),
        pytest.param(
            About(decided("pausing"), "8"),
            ["go past this pause knowngood promote", "knowngood abort"],
            ["retry"],
            id="pauses",
        ),
        pytest.param(
            About(decided("no share yet", ready={"7": 2}), "8"),
            ["look at its pods kubectl -n lending get pods -l", "knowngood.dev/version=8"],
            ["promote"],
            id="waits for pods",
        ),
        pytest.param(
            About(
                with_condition(
                    decided("pausing"), ConditionType.STALLED, "Breached", "hold", holds=True
                ),
                "8",
            ),
            ["knowngood abort loan"],
            ["promote"],
            id="breached, and held",
        ),
        pytest.param(
            About(decided("pausing", ready={"7": 0, "8": 2}), "8"),
            ["bring a pod of version 7 up"],
            ["abort"],
            id="nothing to go back to",
        ),
        pytest.param(
            About(decided("waiting for a person", frozen="quarter end"), "8"),
            ["wait until rollouts are not frozen any more", "knowngood abort loan"],
            ["promote", "retry"],
            id="frozen",
        ),
        pytest.param(
            About(decided("pausing", a_model(STATES["pausing"], suspend=True)), "8"),
            ["set spec.suspend to false: it goes on where it was"],
            ["promote", "abort", "retry"],
            id="suspended",
        ),
        pytest.param(
            About(decided("promoted, not seen yet"), "8"),
            ["it was not taken back", "nothing has to be done"],
            ["promote", "abort", "retry"],
            id="serves",
        ),
        pytest.param(
            About(decided("pausing"), "6", record("6")),
            ["another version was promoted in its place", "again, set spec.model.version to 6"],
            ["promote", "abort", "retry"],
            id="of the past",
        ),
    ],
)
def test_only_what_can_be_done_is_told(about: About, told: list[str], not_told: list[str]) -> None:
    found = text(about)
    advised = found[found.index("What you can do") :]

    assert [part for part in told if part not in found] == []
    assert [part for part in not_told if f"knowngood {part}" in advised] == []


def test_an_incident_is_acknowledged_first_and_closed_then() -> None:
    about = rejected()
    assert about.incident is not None
    assert about.incident.status is not None
    assert "knowngood incident acknowledge loan-1 -n lending" in text(about)

    clocks = about.incident.status.clocks
    assert clocks is not None
    taken = clocks.model_copy(update={"acknowledged": NOW})
    assert "knowngood incident close loan-1 -n lending --resolution" in text(clocked(about, taken))
    assert "knowngood incident" not in text(
        clocked(about, taken.model_copy(update={"closed": NOW}))
    )


def clocked(about: About, clocks: object) -> About:
    assert about.incident is not None
    assert about.incident.status is not None
    status: IncidentStatus = about.incident.status.model_copy(update={"clocks": clocks})
    incident: Incident = about.incident.model_copy(update={"status": status})
    return About(about.model, about.version, about.record, incident)


@pytest.mark.parametrize(
    ("state", "version", "reason"),
    [
        ("pausing", "8", "it is being rolled out"),
        ("rolling back", "8", "it was taken back last"),
        ("promoted, not seen yet", "8", "it answers users"),
        ("first version starts", "8", "the spec asks for it"),
    ],
)
def test_the_version_that_is_asked_about_is_guessed(state: str, version: str, reason: str) -> None:
    assert asked_about(decided(state), []) == (version, reason)


def test_a_version_that_was_rejected_before_is_guessed_when_nothing_else_happens() -> None:
    model = having(decided("promoted, not seen yet"), rejected=(RejectedVersion(version="bad"),))

    assert asked_about(model, [record("bad")]) == ("bad", "it was rejected last")


def test_only_an_incident_of_this_version_is_read() -> None:
    model = decided("rolling back")

    assert told_in(model, None, "8") == "loan-1"
    assert told_in(model, None, "7") == ""
    assert told_in(decided("pausing"), None, "8") == ""


def test_why_says_how_requests_are_counted() -> None:
    model = decided("pausing", triggers=(a_trigger(VerdictKind.HEALTHY),))
    assert model.status is not None
    assert model.status.rollout is not None
    words = "3.1 requests count as one"
    fixed = FixedEffect(signal="errors", value="3.1", basis=Basis.PODS, message=words)
    rollout = model.status.rollout.model_copy(update={"design_effects": (fixed,)})
    status = model.status.model_copy(update={"rollout": rollout})

    told = text(About(model.model_copy(update={"status": status}), "8", record("8")))

    assert "How requests are counted" in told
    assert words in told

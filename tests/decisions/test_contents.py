"""What a version's pods run, against what they ran when it was judged."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import AIModelVersion, Observed, Standing, Transition
from knowngood.decisions.contents import entries, mixed, unjudged
from knowngood.decisions.records import version_status
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_record, a_situation
from tests.decisions.states import NOW, STATES

OLD, NEW = "m=registry/loan@sha256:aa", "m=registry/loan@sha256:bb"
IMAGES = {text: frozenset({("m", text.removeprefix("m="))}) for text in (OLD, NEW)}


def known(version: str, standing: Standing, judged: tuple[str, ...] = (OLD,)) -> AIModelVersion:
    record = a_record(version, standing)
    assert record.status is not None
    update = {
        "observed": Observed(image_ids=judged, judged_image_ids=judged),
        "transitions": (Transition(standing=standing, time=NOW, reason="Before"),),
    }
    return record.model_copy(update={"status": record.status.model_copy(update=update)})


def a_world(state: str, version: str, record: AIModelVersion, *runs: str) -> Situation:
    desired = "7" if state == "at rest" else "8"
    s = a_situation(STATES[state], model=a_model(STATES[state], desired=desired))
    images = {version: frozenset().union(*(IMAGES[text] for text in runs))}
    return replace(s, versions={**s.versions, version: record}, images=images)


def written(s: Situation, version: str) -> AIModelVersion:
    record = s.versions[version]
    return record.model_copy(update={"status": version_status(s, decide(s), record)})


@pytest.mark.parametrize(
    ("now", "judged", "other"),
    [
        pytest.param((OLD,), (OLD,), (), id="the same"),
        pytest.param((NEW,), (OLD,), (NEW,), id="another digest"),
        pytest.param(("m=mirror/loan@sha256:aa",), (OLD,), (), id="from another registry"),
        pytest.param(("m=sha256:aa",), (OLD,), (), id="a bare digest"),
        pytest.param(("m=loan:v1",), ("m=loan:v2",), ("m=loan:v1",), id="nodes without digests"),
        pytest.param((OLD, NEW), (OLD, NEW), (), id="a mixture that was judged as one"),
        pytest.param((NEW,), (), (), id="nothing was judged yet"),
        pytest.param((), (OLD,), (), id="nothing runs"),
        pytest.param((OLD, "x=sha256:cc"), (OLD,), (), id="a container that was not there"),
    ],
)
def test_only_the_digest_of_the_same_container_counts(
    now: tuple[str, ...], judged: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assert unjudged(now, judged) == other


def test_what_others_put_into_pods_is_no_part_of_a_version() -> None:
    pods = {("m", "loan@sha256:aa"), ("istio-proxy", "proxy@sha256:ff"), ("m", "")}

    assert entries(a_record("7"), pods) == ("m=loan@sha256:aa",)


def test_what_is_recorded_is_sorted_and_bounded() -> None:
    pods = {("m", f"sha256:{number:064}") for number in range(100)}

    found = entries(a_record("7"), pods)

    assert list(found) == sorted(found)
    assert len(found) == 32


def test_a_promotion_notes_what_it_was_judged_with() -> None:
    s = a_world("promoted, not seen yet", "8", a_record("8", Standing.TRIAL), OLD)

    status = written(s, "8").status

    assert status is not None
    assert status.standing is Standing.PROBATION
    assert status.observed == Observed(image_ids=(OLD,), judged_image_ids=(OLD,))


def test_what_was_not_seen_at_the_promotion_is_noted_when_it_is() -> None:
    s = a_world("at rest", "7", known("7", Standing.PROBATION, ()), OLD)

    status = written(s, "7").status

    assert status is not None
    assert status.observed is not None
    assert status.observed.judged_image_ids == (OLD,)


@pytest.mark.parametrize("standing", [Standing.KNOWN_GOOD, Standing.PROBATION])
def test_other_contents_are_told_and_a_known_good_version_is_suspect(standing: Standing) -> None:
    s = a_world("at rest", "7", known("7", standing), NEW)
    plan = decide(s)

    after = written(s, "7")

    assert [n.reason for n in plan.notices] == ["ContentChanged"]
    assert after.status is not None
    good = standing is Standing.KNOWN_GOOD
    assert after.status.standing is (Standing.SUSPECT if good else standing)
    assert after.status.observed == Observed(image_ids=(NEW,), judged_image_ids=(OLD,))
    conditions = {c.type: (c.status, c.reason) for c in after.status.conditions}
    assert conditions == dict.fromkeys(("KnownGood", "Ready"), ("False", "ContentChanged"))
    model = {c.type: (c.status, c.reason) for c in status_of(s, plan).conditions}
    assert model["KnownGoodAvailable"] == ("False", "ContentChanged")
    assert model["Ready"] == ("True", "Serving")


def test_it_is_told_once_for_each_change() -> None:
    s = a_world("at rest", "7", known("7", Standing.KNOWN_GOOD), NEW)
    later = replace(s, versions={**s.versions, "7": written(s, "7")})

    assert decide(later).notices == decide(s).notices  # the same edge: it is told once
    assert decide(later).standings == ()
    assert written(later, "7") == later.versions["7"]


def test_pods_that_are_gone_are_no_other_contents() -> None:
    s = a_world("at rest", "7", known("7", Standing.KNOWN_GOOD))

    assert decide(s).notices == ()
    status = written(s, "7").status
    assert status is not None
    assert status.observed == Observed(image_ids=(OLD,), judged_image_ids=(OLD,))


def test_a_tag_that_is_moved_during_a_rollout_is_told() -> None:
    s = a_world("pausing", "8", a_record("8", Standing.TRIAL), OLD, NEW)

    (notice,) = decide(s).notices

    assert mixed((OLD, NEW)) == ("m",)
    assert notice.reason == "ContentChanged"
    assert "container m does not run the same image in all pods" in notice.message


def test_who_is_called_good_by_a_person_is_good_with_what_runs_now() -> None:
    suspect = known("7", Standing.SUSPECT)
    assert suspect.status is not None
    patched = suspect.status.model_copy(update={"standing": Standing.KNOWN_GOOD})
    s = a_world("at rest", "7", suspect.model_copy(update={"status": patched}), NEW)

    status = written(s, "7").status

    assert decide(s).standings == ()
    assert status is not None
    assert status.observed == Observed(image_ids=(NEW,), judged_image_ids=(NEW,))
    assert (status.transitions[-1].standing, status.transitions[-1].reason) == (
        Standing.KNOWN_GOOD,
        "Attested",
    )


def test_a_version_that_is_tried_again_is_judged_with_what_it_runs_then() -> None:
    rejected = known("8", Standing.REJECTED)
    s = a_world("at rest", "8", rejected, NEW)
    again = decide(s).stand("8", Standing.CANDIDATE, "Retry")

    status = version_status(s, again, rejected)

    assert status.observed == Observed(image_ids=(NEW,))


def test_a_probation_does_not_begin_for_a_version_that_is_known_good() -> None:
    """A process may have ended after it wrote the standing, and before it wrote that it was promoted."""
    good = known("8", Standing.KNOWN_GOOD)
    s = a_world("promoted, not seen yet", "8", good, OLD)

    status = written(s, "8").status

    assert status is not None
    assert status.standing is Standing.KNOWN_GOOD

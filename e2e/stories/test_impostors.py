"""Whose a number is follows from where it was read, not from what it claims."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests

from e2e.bed import Bed, Room, pause, weight
from e2e.bed.policy import APPROVALS, COUNTED, ERRORS, counting
from e2e.cluster.errors import NotOursError
from e2e.models.impostor import NAME, impostor, manifest

ENOUGH = 2000
"""Errors that are claimed: with the canary's hundred answers they would take any version back."""


@pytest.fixture
def elsewhere(bed: Bed) -> Iterator[Room]:
    """A namespace of somebody else."""
    with suppress(NotOursError):
        image = impostor()
        bed.cluster.set_image(NAME, image.argv, image.env)
    with bed.room("impostor") as room:
        yield room


def test_a_pod_that_claims_to_be_a_canary_changes_nothing_for_it(
    bed: Bed, room: Room, elsewhere: Room
) -> None:
    # Given a good version that answers half of the requests,
    room.serve(room.policy, counting(room.name), room.model)
    with room.load() as load:
        room.apply(room.model.next("2", steps=(weight(50), pause())))
        half = {"1": 50, "2": 50}
        room.wait_for(lambda seen: seen.applied == half, "it has its share", deadline_s=60)
        # When pods beside it and elsewhere count errors and rejections in its name, and Prometheus has read them,
        (pod,) = (pod["metadata"]["name"] for pod in room.pods("2"))
        for where in (room, elsewhere):
            where.apply(manifest(where.name, (room.name, pod), "2"))
            room.wait_until(
                lambda: claimed(bed, where.name, pod) > ENOUGH,  # noqa: B023 - called at once
                f"they are claimed in {where.name}",
                deadline_s=60,
            )
        # Then it is judged by what it has answered,
        for trigger in (APPROVALS, ERRORS):
            room.wait_until(
                lambda: room.metric("knowngood_verdict", trigger=trigger, kind="Healthy") == 1,  # noqa: B023 - likewise
                f"{trigger} is healthy",
                deadline_s=60,
            )
    # to the last request,
    tally = load.ledger.tallies()["2"]
    room.wait_until(
        lambda: room.metric("knowngood_canary_samples", trigger=COUNTED) == tally.answers,
        f"{tally.answers} answers are counted",
        deadline_s=60,
    )
    share = room.metric("knowngood_signal_share", trigger=COUNTED, role="Canary")
    assert (share, tally.failed) == (0, 0)
    # and nobody has taken it back.
    assert room.seen().applied == half
    assert room.incidents() == []


def claimed(bed: Bed, namespace: str, pod: str) -> float:
    """How many errors Prometheus has read from a namespace that are claimed to be a pod's."""
    selector = f'model_requests_total{{namespace="{namespace}",exported_pod="{pod}",code="500"}}'
    with requests.Session() as session:
        session.trust_env = False
        url = f"{bed.cluster.prometheus_url}/api/v1/query"
        found = session.get(url, params={"query": selector}, timeout=5).json()["data"]["result"]
    return max((float(one["value"][1]) for one in found), default=0.0)

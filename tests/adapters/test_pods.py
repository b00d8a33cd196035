"""Pods, reduced to what they run."""

from typing import Any

import pytest

from knowngood.adapters.kubernetes.pods import PodIndex, PodView, reduce_pod
from knowngood.control.ports import Key

LOAN = Key("lending", "loan")


def a_pod(version: str = "7", **status: Any) -> dict[str, Any]:
    labels = {"knowngood.dev/model": "loan", "knowngood.dev/version": version}
    run = {"containerStatuses": [{"name": "m", "imageID": f"loan@sha256:{version}"}]}
    return {"metadata": {"name": "p", "labels": labels}, "status": {**run, **status}}


def view(version: str, *images: tuple[str, str]) -> PodView:
    return PodView("loan", version, frozenset(images))


def test_a_pod_is_reduced_to_its_image_ids() -> None:
    first = [{"name": "load", "imageID": "init@sha256:1"}]
    waiting = [{"name": "m", "imageID": ""}]

    assert reduce_pod(a_pod()) == view("7", ("m", "loan@sha256:7"))
    assert reduce_pod(a_pod(initContainerStatuses=first, containerStatuses=waiting)) == view(
        "7", ("load", "init@sha256:1")
    )
    assert reduce_pod({"metadata": {"name": "p"}}) == PodView("", "", frozenset())


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_has_ended_runs_nothing(phase: str) -> None:
    assert reduce_pod(a_pod(phase=phase)).images == frozenset()


def test_a_pod_that_ends_runs_nothing_that_counts() -> None:
    ending = a_pod()
    ending["metadata"]["deletionTimestamp"] = "2026-03-01T12:00:00Z"

    assert reduce_pod(ending).images == frozenset()


def test_what_runs_is_found_by_model_and_version() -> None:
    index = PodIndex()
    old, new = view("7", ("m", "a")), view("7", ("m", "b"))
    index.changed("lending", "p1", None, old)
    index.changed("lending", "p2", None, new)
    index.changed("other", "p1", None, new)

    assert index.images(LOAN) == {"7": frozenset({("m", "a"), ("m", "b")})}
    index.changed("lending", "p1", old, None)
    assert index.images(LOAN) == {"7": frozenset({("m", "b")})}
    index.changed("lending", "p2", new, None)
    assert index.images(LOAN) == {}

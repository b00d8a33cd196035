"""Who may freeze, suspend and orphan, as a real API server answers with the chart's policies."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster import Cluster
from e2e.cluster.waiting import until
from knowngood.decisions.commands import Verb
from knowngood.decisions.freezing import FREEZE_ANNOTATION
from tests.chart.asking import TAKEN, Place, said
from tests.chart.helm import Helm
from tests.chart.policies import LATER, in_force

Json = dict[str, Any]

NIGHT: Json = {"metadata": {"annotations": {FREEZE_ANNOTATION: "night"}}}
THAWED: Json = {"metadata": {"annotations": {FREEZE_ANNOTATION: None}}}
ANYTHING: Json = {"metadata": {"labels": {"team": "lending"}}}
WRITERS = "namespace-writers"


@pytest.fixture(scope="module")
def place(control_plane: Cluster, helm: Helm) -> Iterator[Place]:
    """Everybody may write namespaces here; that is not what this is about."""
    with in_force(control_plane, helm, "stopped") as made:
        rule = ("--verb=get,patch", "--resource=namespaces")
        control_plane.kubectl("create", "clusterrole", WRITERS, *rule)
        who = ("--user=alice", "--user=bob")
        role = f"--clusterrole={WRITERS}"
        control_plane.kubectl("create", "clusterrolebinding", WRITERS, role, *who)
        until(
            lambda: "lacks the verb freeze" in namespace(made, "bob", NIGHT, "--dry-run=server"),
            "the policy on namespaces is in force",
            deadline_s=60,
            every_s=0.2,
        )
        yield made
        control_plane.kubectl("delete", "clusterrolebinding,clusterrole", WRITERS)


def namespace(place: Place, who: str, change: Json, *args: str, name: str = "") -> str:
    return place.patch(who, f"namespace/{name or place.namespace}", change, *args)


@pytest.mark.parametrize(
    ("change", "verb"),
    [
        pytest.param(NIGHT, "freeze", id="freeze"),
        pytest.param({"spec": {"suspend": True}}, "suspend", id="suspend"),
        pytest.param({"spec": {"deletionPolicy": "Orphan"}}, "orphan", id="orphan"),
    ],
)
def test_a_model_is_stopped_by_those_who_have_the_verb(
    change: Json, verb: str, place: Place
) -> None:
    model = place.has("alice", place.manifest())

    assert f"needs the verb {verb}" in place.patch("bob", model, change)
    assert place.patch("alice", model, change) == TAKEN
    assert place.patch("bob", model, change) == TAKEN, "what changes nothing needs no verb"
    assert place.patch("bob", model, ANYTHING) == TAKEN


def test_what_is_stopped_is_not_let_go_on_by_others(place: Place) -> None:
    frozen = place.has("bob", place.manifest({FREEZE_ANNOTATION: "night"}))

    assert "needs the verb freeze" in place.patch("bob", frozen, THAWED)
    assert place.patch("alice", frozen, THAWED) == TAKEN


def test_a_namespace_is_frozen_by_those_who_may_freeze_its_models(place: Place) -> None:
    assert "bob lacks the verb freeze" in namespace(place, "bob", NIGHT)
    assert namespace(place, "bob", ANYTHING) == TAKEN
    assert namespace(place, "alice", NIGHT) == TAKEN
    assert "bob lacks the verb freeze" in namespace(place, "bob", THAWED)
    assert namespace(place, "alice", THAWED) == TAKEN


def test_the_operators_namespace_stands_for_all_and_needs_the_verb_everywhere(
    place: Place,
) -> None:
    home = f"{place.namespace}-home"

    assert "in all namespaces" in namespace(place, "alice", NIGHT, name=home)
    assert namespace(place, "", NIGHT, name=home) == TAKEN
    assert namespace(place, "", THAWED, name=home) == TAKEN


def test_force_is_not_for_everybody_who_may_edit(place: Place) -> None:
    model = place.has("alice", place.manifest())
    change = {"metadata": {"annotations": said(f"{Verb.FORCE} 1 {LATER}")}}

    answer = place.patch("alice", model, change)

    assert "alice lacks the verb force" in answer
    assert "as admin does" in answer

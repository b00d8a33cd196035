"""Who may give which command in whose name, as a real API server answers with the chart's policies."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster import Cluster
from knowngood.decisions.commands import COMMAND_ANNOTATION, Verb
from knowngood.decisions.people import COMMAND_BY_ANNOTATION
from tests.chart.asking import TAKEN, Place, said
from tests.chart.helm import Helm
from tests.chart.policies import CARLS, LATER, in_force

Json = dict[str, Any]

ROLLOUTS = Path(__file__).parents[2] / "docs" / "rollouts.md"
PROMOTE, ABORT = f"promote 1 {LATER}", f"abort 1 {LATER}"
NOTHING = said()
OF_ALICE = said(PROMOTE, by="alice")
NO_COMMAND = {COMMAND_ANNOTATION: None, COMMAND_BY_ANNOTATION: None}
NO_VERB = "[knowngood.dev/command]: bob lacks the verb promote on aimodeldeployments.knowngood.dev"
NOT_ALONE = "[knowngood.dev/command-by] is changed only together with knowngood.dev/command"


def not_his(name: str, giver: str) -> str:
    return f"[knowngood.dev/command-by] is {name}, but the command is given by {giver}: write that"


@pytest.fixture(scope="module")
def place(control_plane: Cluster, helm: Helm) -> Iterator[Place]:
    with in_force(control_plane, helm, "commanded") as made:
        yield made


@pytest.mark.parametrize(
    ("who", "before", "change", "words"),
    [
        pytest.param("alice", NOTHING, said(PROMOTE, "alice"), TAKEN, id="alice as herself"),
        pytest.param("alice", NOTHING, said(PROMOTE), TAKEN, id="alice without a name"),
        pytest.param(
            "alice", NOTHING, said(PROMOTE, "bob"), not_his("bob", "alice"), id="alice as bob"
        ),
        pytest.param(
            "bob", NOTHING, said(PROMOTE, "alice"), not_his("alice", "bob"), id="bob as alice"
        ),
        pytest.param("bob", NOTHING, said(PROMOTE, "bob"), NO_VERB, id="bob as himself"),
        pytest.param("bob", NOTHING, said(PROMOTE), NO_VERB, id="bob without a name"),
        pytest.param("bob", OF_ALICE, said(f"{PROMOTE}-2", "bob"), NO_VERB, id="bob once more"),
        pytest.param("carl", NOTHING, said(ABORT, "carl"), TAKEN, id="the verb that carl has"),
        pytest.param(
            "carl", NOTHING, said(PROMOTE), "carl lacks the verb promote", id="another verb"
        ),
        pytest.param(
            "carl", OF_ALICE, said(ABORT), not_his("alice", "carl"), id="under the name before"
        ),
        pytest.param("bob", OF_ALICE, said(by="bob"), NOT_ALONE, id="a name for a given command"),
        pytest.param("alice", OF_ALICE, said(by="bob"), NOT_ALONE, id="the giver names another"),
        pytest.param("bob", NOTHING, said(by="alice"), NOT_ALONE, id="a name beforehand"),
        pytest.param(
            "bob", OF_ALICE, {COMMAND_BY_ANNOTATION: None}, NOT_ALONE, id="the name taken away"
        ),
        pytest.param("bob", OF_ALICE, NO_COMMAND, TAKEN, id="both taken away"),
        pytest.param("bob", OF_ALICE, {COMMAND_ANNOTATION: None}, TAKEN, id="the command alone"),
        pytest.param(
            "bob",
            OF_ALICE,
            {COMMAND_ANNOTATION: None, COMMAND_BY_ANNOTATION: "bob"},
            NOT_ALONE,
            id="another name instead of the command",
        ),
        pytest.param("bob", NOTHING, said("launch 1"), TAKEN, id="an unknown verb"),
        pytest.param("bob", NOTHING, said("promoted 1"), TAKEN, id="a longer word"),
        pytest.param(
            "bob", NOTHING, said("launch 1", "alice"), not_his("alice", "bob"), id="and as alice"
        ),
        pytest.param("bob", OF_ALICE, {"team": "lending"}, TAKEN, id="another annotation"),
    ],
)
def test_a_command_needs_its_verb_and_the_givers_own_name(
    who: str, before: dict[str, str], change: Json, words: str, place: Place
) -> None:
    model = place.has("alice", place.manifest(before))

    answer = place.patch(who, model, {"metadata": {"annotations": change}})

    assert answer == TAKEN if words == TAKEN else words in answer


@pytest.mark.parametrize("verb", sorted(set(Verb) - {Verb.FORCE, Verb.ATTEST, Verb.REMEMBER}))
def test_every_verb_is_asked_for_and_edit_has_it(verb: Verb, place: Place) -> None:
    model = place.has("alice", place.manifest())
    change = {"metadata": {"annotations": said(f"{verb} 1 {LATER}")}}

    assert f"bob lacks the verb {verb}" in place.patch("bob", model, change)
    assert place.patch("alice", model, change) == TAKEN


def test_a_verb_can_be_given_for_a_single_model(place: Place) -> None:
    his = place.manifest()
    his["metadata"]["name"] = CARLS
    retry = {"metadata": {"annotations": said(f"retry 1 {LATER}")}}

    assert place.patch("carl", place.has("alice", his), retry) == TAKEN
    other = place.has("alice", place.manifest())
    assert "carl lacks the verb retry" in place.patch("carl", other, retry)


@pytest.mark.parametrize("space", [" ", "\t", "\n", "\v", "\x1c", "\x85", "\xa0", "\u2003"])
def test_no_kind_of_space_hides_a_verb(space: str, place: Place) -> None:
    hidden = place.manifest(said(f"{space}promote{space}1{space}{LATER}"))

    assert NO_VERB in place.create("bob", hidden)


def test_whatever_is_no_command_stays_free(place: Place) -> None:
    model = place.has("alice", place.manifest(OF_ALICE))

    assert place.ask("bob", "label", model, "team=lending") == TAKEN
    assert place.patch("bob", model, {"spec": {"rollout": {"progressDeadline": "3s"}}}) == TAKEN
    finalizers = {"metadata": {"finalizers": ["knowngood.dev/cleanup"]}}
    assert place.patch(place.operator, model, finalizers) == TAKEN
    assert place.patch(place.operator, model, {"metadata": {"finalizers": None}}) == TAKEN


def test_a_manifest_that_is_applied_again_unchanged_passes(place: Place) -> None:
    manifest = place.manifest(OF_ALICE)
    assert place.apply("alice", manifest) == TAKEN

    assert place.apply("bob", manifest) == TAKEN
    del manifest["metadata"]["annotations"]
    flux = ("--field-manager=kustomize-controller", "--force-conflicts")
    assert place.apply("bob", manifest, *flux) == TAKEN
    changed = {**manifest, "spec": {**manifest["spec"], "rollout": {"progressDeadline": "3s"}}}
    assert place.apply("bob", changed, *flux) == TAKEN


def test_a_new_object_brings_no_command_past_the_rules(place: Place) -> None:
    assert place.create("bob", place.manifest()) == TAKEN
    assert place.create("bob", place.manifest(said(by="alice"))) == TAKEN
    assert NO_VERB in place.create("bob", place.manifest(said(PROMOTE)))
    assert NO_VERB in place.apply("bob", place.manifest(said(PROMOTE)))
    assert not_his("alice", "bob") in place.create("bob", place.manifest(OF_ALICE))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("promote 1 2020-01-01T00:00:00Z", TAKEN),
        ("rollback 8.1-rc_2 2020-12-31T23:59:59Z-a/b", TAKEN),
        (f"promote 1 {LATER}", "is alice"),
        ("promote 1 2020-01-01T00:00:00Z now", "is alice"),
        ("promote 1  2020-01-01T00:00:00Z", "is alice"),
        (f"promote 2020-01-01T00:00:00Z {LATER}", "is alice"),
        (f"promote 1 2020-01-01T00:00:00Z\xa0{LATER}", "is alice"),
        (f"promote {'1' * 41} 2020-01-01T00:00:00Z", "is alice"),
        ("promote 1 2020-02-31T00:00:00Z", "resulted in error"),
    ],
)
def test_a_saved_manifest_may_be_created_with_the_old_command_in_it(
    command: str, words: str, place: Place
) -> None:
    """The operator does not carry it out, and believes no name in it: it is older than the object."""
    answer = place.create("bob", place.manifest(said(command, "alice")))

    assert answer == TAKEN if words == TAKEN else words in answer


def test_over_a_living_object_a_saved_command_is_one_that_is_given(place: Place) -> None:
    manifest = place.manifest()
    assert place.apply("bob", manifest) == TAKEN
    manifest["metadata"]["annotations"] = said("promote 1 2020-01-01T00:00:00Z", "alice")

    assert not_his("alice", "bob") in place.apply("bob", manifest)


def test_the_page_says_how_to_find_ones_own_name(place: Place) -> None:
    (path,) = re.findall(r"kubectl auth whoami -o (jsonpath='(.*)')", ROLLOUTS.read_text())

    told = place.cluster.kubectl("auth", "whoami", f"-ojsonpath={path[1]}", "--as=alice")

    assert told == "alice"


def test_no_command_comes_in_through_the_status(place: Place) -> None:
    model = place.has("alice", place.manifest())
    both = {"metadata": {"annotations": said(PROMOTE, "alice")}, "status": {"phase": "Pending"}}

    assert place.patch(place.operator, model, both, "--subresource=status") == TAKEN

    found = place.get(model)
    assert found["status"]["phase"] == "Pending"
    assert COMMAND_ANNOTATION not in found["metadata"].get("annotations", {})

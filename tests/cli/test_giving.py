"""`promote` and the others on a real API server, where the operator's own decisions answer."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from e2e.cluster.waiting import until
from knowngood.cli.cluster import Cluster, Place
from knowngood.cli.ordering import annotations
from knowngood.cli.problems import Problem
from knowngood.decisions.commands import COMMAND_ANNOTATION, Command, Verb, parse
from knowngood.decisions.people import COMMAND_BY_ANNOTATION
from tests.cli.program import Running, call, run
from tests.cli.stage import Stage

IMPATIENT = "import sys; from knowngood.cli import main, orders; orders.PATIENCE = 1.0; sys.exit(main.main())"


def command_of(stage: Stage) -> Command:
    """The command that stands on the model."""
    until(
        lambda: COMMAND_ANNOTATION in stage.live().metadata.annotations,
        "a command is given",
        deadline_s=30,
    )
    found = parse(stage.live().metadata.annotations[COMMAND_ANNOTATION])
    assert isinstance(found, Command)
    return found


def test_a_command_is_given_and_its_answer_awaited(stage: Stage) -> None:
    stage.model()
    stage.status("waiting for a person")

    with Running("promote", "loan", *stage.place) as program:
        given = command_of(stage)
        assert (given.verb, given.version) == (Verb.PROMOTE, "8")
        assert program.process.poll() is None
        status = stage.obey("waiting for a person")
        got = program.ends()

    assert status.last_command is not None
    assert status.last_command.nonce == given.nonce
    assert (got.code, got.err) == (0, "")
    assert got.lines == [
        "promote 8 (it is being rolled out): lets it go past what it waits for",
        "Done: promote 8",
    ]


def test_a_refusal_is_told_as_the_operator_says_it(stage: Stage) -> None:
    stage.model()
    stage.status("promoting")

    with Running("promote", "loan", *stage.place) as program:
        command_of(stage)
        stage.obey("promoting")
        got = program.ends()

    assert got.code == 1
    assert got.lines[-1] == "Refused: version 8 is being promoted already"


def test_a_version_that_is_named_is_the_one_that_is_meant(stage: Stage) -> None:
    stage.model()
    stage.status("pausing")

    with Running("abort", "loan", "--version", "7", *stage.place) as program:
        assert command_of(stage).version == "7"
        stage.obey("pausing")
        got = program.ends()

    assert got.code == 1
    assert got.lines[0].startswith("abort 7 (as you said)")
    assert "version 7 is not being rolled out" in got.lines[-1]


def test_an_answer_is_not_awaited_when_that_is_not_wanted(stage: Stage) -> None:
    stage.model()
    stage.status("rolling back")

    got = call("retry", "loan", "--no-wait", *stage.place)

    assert (got.code, got.err) == (0, "")
    assert (command_of(stage).verb, command_of(stage).version) == (Verb.RETRY, "8")


def test_only_the_annotation_is_written_and_by_a_manager_of_its_own(stage: Stage) -> None:
    stage.model()
    stage.kubectl("annotate", "aimd", "loan", "note=mine")
    stage.status("pausing")
    before = stage.live()

    call("rollback", "loan", "--no-wait", *stage.place)

    after = stage.live()
    assert after.spec == before.spec
    assert after.metadata.annotations["note"] == "mine"
    shown = json.loads(stage.kubectl("get", "aimd", "loan", "--show-managed-fields", "-o", "json"))
    owned = {m["manager"]: m["fieldsV1"] for m in shown["metadata"]["managedFields"]}
    assert owned["knowngood-cli"] == {
        "f:metadata": {
            "f:annotations": {f"f:{COMMAND_ANNOTATION}": {}, f"f:{COMMAND_BY_ANNOTATION}": {}}
        }
    }


def test_a_command_is_for_the_model_that_was_looked_at_and_for_no_later_one(stage: Stage) -> None:
    stage.model()
    cluster = Cluster.connect(Place(stage.namespace, None, str(stage.cluster.kubeconfig)))
    seen = cluster.model("loan")
    stage.kubectl("delete", "aimd", "loan")
    stage.model()

    with pytest.raises(Problem, match="was changed meanwhile"):
        cluster.annotate(seen, annotations("abort 8 2026-03-01T12:00:00Z-a", ""))

    assert stage.live().metadata.annotations.get(COMMAND_ANNOTATION) is None


def test_a_command_carries_the_name_of_whoever_gave_it(stage: Stage, tmp_path: Path) -> None:
    stage.model()
    stage.kubectl("annotate", "aimd", "loan", f"{COMMAND_BY_ANNOTATION}=alice")
    stage.status("pausing")
    access = tmp_path / "access"
    access.write_text(yaml.safe_dump(stage.access("get,patch aimodeldeployments")))

    call("abort", "loan", "--no-wait", "--kubeconfig", str(access))

    account = f"system:serviceaccount:{stage.namespace}:somebody"
    assert stage.live().metadata.annotations[COMMAND_BY_ANNOTATION] == account


def test_nothing_is_written_when_it_is_not_plain_which_version_is_meant(stage: Stage) -> None:
    stage.model()
    stage.status("promoted, not seen yet")

    got = call("promote", "loan", *stage.place)

    assert (got.code, got.out, len(got.err.splitlines())) == (2, "", 1)
    assert "name one with --version" in got.err
    assert stage.live().metadata.annotations.get(COMMAND_ANNOTATION) is None


def test_an_operator_that_does_not_answer_is_asked_for(stage: Stage) -> None:
    stage.model()
    stage.status("waiting for a person")

    got = run("-c", IMPATIENT, "promote", "loan", *stage.place, program=Path(sys.executable))

    assert got.code == 4
    assert "the operator has not answered within 1 seconds: is it running?" in got.err


def test_another_command_in_its_place_ends_the_wait(stage: Stage) -> None:
    stage.model()
    stage.status("pausing")

    with Running("promote", "loan", *stage.place) as program:
        command_of(stage)
        call("abort", "loan", "--no-wait", *stage.place)
        got = program.ends()

    assert got.code == 1
    assert "another command took its place: abort 8" in got.lines[-1]


def test_a_model_that_is_deleted_meanwhile_ends_the_wait(stage: Stage) -> None:
    stage.model()
    stage.status("pausing")

    with Running("promote", "loan", *stage.place) as program:
        command_of(stage)
        stage.kubectl("delete", "aimd", "loan")
        got = program.ends()

    assert got.code == 1
    assert got.lines[-1] == "Refused: the model is deleted"


def test_the_right_to_give_commands_is_named(stage: Stage, tmp_path: Path) -> None:
    stage.model()
    stage.status("pausing")
    access = tmp_path / "access"
    access.write_text(yaml.safe_dump(stage.access("get,list,watch aimodeldeployments")))

    got = call("abort", "loan", "--kubeconfig", str(access))

    assert (got.code, len(got.err.splitlines())) == (2, 1)
    assert "you may not patch aimodeldeployments.knowngood.dev" in got.err
    assert stage.live().metadata.annotations.get(COMMAND_ANNOTATION) is None

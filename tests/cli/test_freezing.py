"""`freeze` and `unfreeze`: what they stop, and that they wait until the models say so."""

import sys
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.waiting import until
from knowngood.cli.freezes import Target, target
from knowngood.cli.problems import Problem
from knowngood.decisions.freezing import FREEZE_ANNOTATION
from tests.cli.program import Running, call, run
from tests.cli.stage import Stage

IMPATIENT = "import sys; from knowngood.cli import main, freezes; freezes.PATIENCE = 1.0; sys.exit(main.main())"


@pytest.mark.parametrize(
    ("model", "namespace", "everything", "want"),
    [
        ("loan", None, False, Target("loan", "", everything=False)),
        ("loan", "lending", False, Target("loan", "lending", everything=False)),
        (None, "lending", False, Target("", "lending", everything=False)),
        (None, None, True, Target("", "home", everything=True)),
    ],
)
def test_it_is_plain_what_is_meant(
    model: str | None,
    namespace: str | None,
    everything: bool,  # noqa: FBT001  - a table's column
    want: Target,
) -> None:
    assert target(model, namespace, "home", everything=everything) == want


@pytest.mark.parametrize(
    "words", [("loan", None, True), (None, "lending", True), (None, None, False)]
)
def test_nothing_is_frozen_where_that_is_not_plain(words: tuple[Any, Any, bool]) -> None:
    with pytest.raises(Problem):
        target(words[0], words[1], "home", everything=words[2])


def test_a_model_is_frozen_and_thawed_as_soon_as_it_says_so(stage: Stage) -> None:
    stage.model()
    stage.status("pausing")
    with Running("freeze", "loan", "--reason", "night", *stage.place) as program:
        until(
            lambda: stage.live().metadata.annotations.get(FREEZE_ANNOTATION) == "night",
            "it is frozen",
            deadline_s=30,
        )
        assert program.process.poll() is None
        stage.obey("pausing", frozen="rollouts of this model are frozen: night")
        got = program.ends()
    assert (got.code, got.err) == (0, "")

    got = call("unfreeze", "loan", "--no-wait", *stage.place)

    assert got.code == 0
    assert FREEZE_ANNOTATION not in stage.live().metadata.annotations


def test_a_namespace_whose_models_do_not_say_so_is_told(stage: Stage) -> None:
    stage.model()
    stage.status("pausing")

    words = ("-c", IMPATIENT, "freeze", "--reason", "night", *stage.place)
    got = run(*words, program=Path(sys.executable))

    assert got.code == 4
    assert "1 seconds later not so for: loan" in got.err
    seen = stage.kubectl("get", "namespace", stage.namespace, "-o", "yaml")
    assert f"{FREEZE_ANNOTATION}: night" in seen


def test_a_namespace_that_is_not_there_is_said(stage: Stage) -> None:
    access = stage.place[2:]
    got = call("freeze", "--all", "--operator-namespace", "nowhere", "--reason", "x", *access)

    assert (got.code, got.err) == (2, "knowngood: there is no namespace nowhere\n")

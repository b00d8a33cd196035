"""Files of objects that are wrong: what is wrong is named, and nothing crashes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.cli.gathering import in_files, together
from knowngood.cli.problems import Problem
from knowngood.rehearsal.scene import scene
from knowngood.rehearsal.told import Asked, Impossible
from tests.control.manifests import a_model, a_policy, a_template
from tests.control.virtual_time import EPOCH

SPACE: dict[str, Any] = {"kind": "Namespace", "metadata": {"name": "lending"}}


def gathered(path: Path, *documents: Any) -> None:
    path.write_text(yaml.safe_dump_all(documents))
    found = together((), in_files([str(path)], "lending"))
    scene(found, Asked("lending", "loan", EPOCH, EPOCH + timedelta(hours=1)))


@pytest.mark.parametrize(
    ("where", "value", "words"),
    [
        ("namespace", ["lending"], "metadata.namespace: Input should be a valid string"),
        ("name", {"a": "b"}, "metadata.name: Input should be a valid string"),
        ("labels", ["a"], "metadata.labels: Input should be a valid dictionary"),
        ("annotations", "a", "metadata.annotations: Input should be a valid dictionary"),
    ],
)
def test_metadata_of_a_wrong_type_is_named(
    tmp_path: Path, where: str, value: object, words: str
) -> None:
    body = {**SPACE, "metadata": {**SPACE["metadata"], where: value}}

    with pytest.raises(Problem, match=words):
        gathered(tmp_path / "a.yaml", a_template(), a_policy(), a_model(), body)


def test_what_is_of_no_kind_is_nothing_of_ours(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="there is nothing of Knowngood's"):
        gathered(tmp_path / "a.yaml", {**SPACE, "kind": ["Namespace"]})


def test_metadata_that_is_left_empty_is_not_there(tmp_path: Path) -> None:
    body = {**SPACE, "metadata": {**SPACE["metadata"], "labels": None}}

    gathered(tmp_path / "a.yaml", a_template(), a_policy(), a_model(), body)


def test_a_model_that_does_not_say_how_it_is_served_is_named(tmp_path: Path) -> None:
    model = a_model()
    model["spec"]["serving"] = {}

    with pytest.raises(Impossible, match=r"loan: spec\.serving does not say how version 7"):
        gathered(tmp_path / "a.yaml", a_template(), a_policy(), model)

"""What a person at the prompt of the local cluster meets: images that are known, and plain sentences."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from e2e.bed.images import own_images
from e2e.cluster import Cluster
from e2e.cluster.errors import OptionError
from e2e.cluster.images_file import read_images
from e2e.cluster.local import check_run_dir
from e2e.cluster.options import Image
from e2e.cluster.said import PAGE, first_steps
from e2e.models.scoring import Kind, file_name
from e2e.node.images import Images

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = ROOT / "examples"


def chart_image() -> str:
    chart = ROOT / "charts/knowngood"
    values = yaml.safe_load((chart / "values.yaml").read_text())["image"]
    version = yaml.safe_load((chart / "Chart.yaml").read_text())["appVersion"]
    return f"{values['repository']}:{values['tag'] or version}"


def images_within(part: Any) -> set[str]:
    if isinstance(part, list):
        return {image for one in part for image in images_within(one)}
    if not isinstance(part, dict):
        return set()
    own = {part["image"]} if isinstance(part.get("image"), str) else set()
    return own.union(*(images_within(one) for one in part.values()))


def images_of_the_examples() -> set[str]:
    texts = [path.read_text() for path in sorted(EXAMPLES.rglob("*.yaml"))]
    return {i for text in texts for body in yaml.safe_load_all(text) for i in images_within(body)}


def test_the_images_of_the_chart_and_of_the_examples_are_known_unasked(tmp_path: Path) -> None:
    known = {name: {"argv": i.argv, "env": i.env} for name, i in own_images().items()}
    path = tmp_path / "images.json"
    path.write_text(json.dumps(known))

    assert images_of_the_examples()
    for image in (chart_image(), *images_of_the_examples()):
        assert Images(path).find(image, has_command=False).argv, image


def test_the_model_finds_its_files_without_a_word_in_the_manifest() -> None:
    (model,) = [image for name, image in own_images().items() if name.endswith("loan-model")]

    assert [k for k in Kind if not (Path(model.env["MODEL_DIR"]) / file_name(k)).is_file()] == []


def test_an_images_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "images.json"
    path.write_text('{"a/b": {"argv": ["x", "y"]}, "c": {"argv": ["z"], "env": {"N": "1"}}}')

    assert read_images(path) == {"a/b": Image(("x", "y")), "c": Image(("z",), {"N": "1"})}


WRONG: Final = {
    "not a file": (None, "--images names a file, and "),
    "not JSON": ("a: [", "is not JSON"),
    "not UTF-8": (b"\xff\xfe", "can not be read"),
    "a list": ("[]", "must be like {"),
    "no argv": ('{"a": {"env": {}}}', "a.argv must be a list of words"),
    "argv is text": ('{"a": {"argv": "python"}}', "a.argv must be a list of words"),
    "no program": ('{"a": {"argv": []}}', "a.argv must be a list of words"),
    "bare list": ('{"a": ["python"]}', "a.argv must be a list of words"),
    "a number in env": ('{"a": {"argv": ["x"], "env": {"N": 1}}}', "a.env must hold strings"),
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_images_file_is_told_in_a_sentence(
    text: str | bytes | None, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "images.json"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(OptionError, match=re.escape(words)) as raised:
        read_images(path)
    assert len(str(raised.value).splitlines()) == 1


def used(path: Path) -> Path:
    path.mkdir()
    (path / "admin.kubeconfig").touch()
    return path


def a_file(path: Path) -> Path:
    path.touch()
    return path


def test_a_run_directory_that_can_not_be_used_is_told(tmp_path: Path) -> None:
    places = {
        "an earlier cluster was started in it": used(tmp_path / "used"),
        "it is not a directory": a_file(tmp_path / "file"),
        "has a /run of its own": Path("/run/knowngood-of-a-test"),
    }
    for words, place in places.items():
        with pytest.raises(OptionError, match=words):
            check_run_dir(place)
    check_run_dir(tmp_path)  # there, and no cluster was started in it
    check_run_dir(tmp_path / "new")


@pytest.mark.parametrize("option", ["--images", "--run-dir"])
def test_a_wrong_option_ends_up_with_a_sentence_before_anything_starts(
    option: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "e2e.cluster", "up", option, str(a_file(tmp_path / "it"))]
    done = subprocess.run(  # noqa: S603 - our own program
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_what_is_told_to_do_next_is_there(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    gateway, prometheus = "http://10.64.0.1:8080", "http://10.64.0.1:9090"
    cluster = Cluster.attach(kubeconfig, gateway_url=gateway, prometheus_url=prometheus)

    said = "\n".join(first_steps(cluster))

    for part in (f"KUBECONFIG={kubeconfig}", f"GATEWAY={gateway}", "helm install"):
        assert part in said
    assert f"PROMETHEUS={prometheus}" in said
    assert "--set sources.default=$PROMETHEUS" in said
    named = re.findall(r"\S+\.(?:yaml|md)\b", said)
    assert PAGE in named
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_every_file_that_the_page_names_is_there() -> None:
    page = ROOT / PAGE
    for name in re.findall(r"-f (\S+)", page.read_text()):
        assert (EXAMPLES / "loan-approval" / name).is_file(), name

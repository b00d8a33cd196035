import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from knowngood.api.v1alpha1 import RESOURCES

CRDS = Path(__file__).parents[2] / "crds"
CHART = CRDS.parent / "charts" / "knowngood" / "crds"
FILES = sorted(CRDS.glob("*.yaml"))


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", CRDS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def nodes(node: dict[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield where, node
    for name, child in node.get("properties", {}).items():
        yield from nodes(child, f"{where}.{name}")
    for kind in ("items", "additionalProperties"):
        if kind in node:
            yield from nodes(node[kind], f"{where}[]")


def schema_of(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    schema: dict[str, Any] = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def test_every_kind_has_a_file() -> None:
    assert {path.stem for path in FILES} == {resource.plural for resource in RESOURCES}


@pytest.mark.parametrize("place", [CRDS, CHART], ids=["crds", "chart"])
def test_files_are_what_the_models_say(place: Path, generate: ModuleType) -> None:
    assert generate.main(["--check", str(place)]) == 0


def test_both_places_are_checked_unless_one_is_named(generate: ModuleType) -> None:
    assert (generate.HERE, generate.CHART) == (CRDS, CHART)
    assert generate.main(["--check"]) == 0


def test_a_change_in_the_second_place_alone_is_noticed(
    generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in FILES:
        shutil.copy(path, tmp_path)
    (tmp_path / FILES[0].name).write_text("a: 1\n")

    assert generate.main(["--check", str(CRDS), str(tmp_path)]) == 1
    assert f"{tmp_path}/{FILES[0].name}: out of date" in capsys.readouterr().err


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_a_changed_file_is_noticed(name: str, generate: ModuleType, tmp_path: Path) -> None:
    for path in FILES:
        shutil.copy(path, tmp_path)
    spoiled = tmp_path / name
    spoiled.write_text(spoiled.read_text().replace("maxLength: ", "maxLength: 1", 1))
    assert generate.differences(tmp_path) == [f"{name}: out of date"]
    assert generate.main(["--check", str(tmp_path)]) == 1
    assert generate.main([str(tmp_path)]) == 0
    assert generate.main(["--check", str(tmp_path)]) == 0


def test_missing_and_surplus_files_are_noticed(generate: ModuleType, tmp_path: Path) -> None:
    for path in FILES[1:]:
        shutil.copy(path, tmp_path)
    (tmp_path / "surplus.yaml").write_text("a: 1\n")
    assert generate.differences(tmp_path) == [
        f"{FILES[0].name}: missing",
        "surplus.yaml: no such kind",
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_every_node_has_a_description(path: Path) -> None:
    silent = [
        where
        for where, node in nodes(schema_of(path), path.stem)
        if not node.get("description", "").strip() and where != f"{path.stem}.metadata"
    ]
    assert silent == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_every_list_map_and_string_is_bounded(path: Path) -> None:
    spec_and_status = schema_of(path)["properties"]
    unbounded = [
        where
        for part in ("spec", "status")
        for where, node in nodes(spec_and_status[part], part)
        if (node["type"] == "array" and "maxItems" not in node)
        or ("additionalProperties" in node and "maxProperties" not in node)
        or (node["type"] == "string" and not {"maxLength", "enum", "format"} & node.keys())
    ]
    assert unbounded == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_every_list_says_how_it_is_merged(path: Path) -> None:
    for where, node in nodes(schema_of(path), path.stem):
        if node.get("type") == "array":
            assert node["x-kubernetes-list-type"] in {"atomic", "map"}, where


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_no_default_stands_inside_a_list_or_a_status(path: Path) -> None:
    wrong = [
        where
        for where, node in nodes(schema_of(path), "")
        if "default" in node and ("[]" in where or where.startswith(".status"))
    ]
    assert wrong == []


def test_names_are_the_promised_ones() -> None:
    documents = [yaml.safe_load(path.read_text())["spec"] for path in FILES]
    assert {d["names"]["kind"]: (d["names"]["shortNames"], d["scope"]) for d in documents} == {
        "AIModelDeployment": (["aimd"], "Namespaced"),
        "AIModelVersion": (["aimv"], "Namespaced"),
        "IncidentPolicy": (["ipol"], "Namespaced"),
        "ClusterIncidentPolicy": (["cipol"], "Cluster"),
        "ClusterSignalTemplate": (["csigt"], "Cluster"),
        "Incident": (["aiinc"], "Namespaced"),
    }
    assert all(d["names"]["categories"] == ["knowngood"] for d in documents)
    subresources = {d["names"]["kind"]: set(d["versions"][0]["subresources"]) for d in documents}
    assert subresources.pop("AIModelDeployment") == {"status", "scale"}
    assert all(found == {"status"} for found in subresources.values())


def test_a_table_of_templates_shows_whether_there_are_series() -> None:
    (path,) = [path for path in FILES if path.name == "clustersignaltemplates.yaml"]
    columns = yaml.safe_load(path.read_text())["spec"]["versions"][0]["additionalPrinterColumns"]

    shown = {column["name"]: column["jsonPath"] for column in columns}
    assert shown["Series"] == '.status.conditions[?(@.type=="SeriesFound")].status'

"""The example whose feed breaks every version: its parts fit together, and the harm is what it is said to be."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from e2e.demo.feeding import FEED, PIPELINE
from e2e.models import image
from e2e.models.data import Loans
from e2e.models.feed import Unit
from e2e.models.scoring import Kind, Model
from e2e.models.settings import Settings
from knowngood.api.v1alpha1 import AIModelDeployment, IncidentPolicy

Json = dict[str, Any]

VERSIONS: Final = ("2", "3")


def documents(name: str) -> list[Json]:
    return list(yaml.safe_load_all((PIPELINE / name).read_text()))


def guarded(version: str) -> AIModelDeployment:
    (document,) = documents(f"model-v{version}.yaml")
    return AIModelDeployment.model_validate(document)


def settings(version: str) -> Settings:
    (document,) = documents(f"model-v{version}.yaml")
    (container,) = document["spec"]["serving"]["deployment"]["template"]["spec"]["containers"]
    env = {entry["name"]: entry["value"] for entry in container["env"]}
    return Settings.from_env({"MODEL_DIR": "/models", **env})


def container_of(cron_job: Json) -> Json:
    pod = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    found: Json = container
    return found


@pytest.fixture
def served(models: dict[str, Model]) -> dict[str, Model]:
    by_kind = {Kind.LOGISTIC: models["1"], Kind.RIDGE: models["ridge"]}
    return {version: by_kind[settings(version).kind] for version in VERSIONS}


def test_the_feed_that_is_broken_differs_from_the_other_in_its_unit_alone() -> None:
    (good,), (broken,) = documents("feed.yaml"), documents("feed-broken.yaml")
    args = [container_of(feed).pop("args") for feed in (good, broken)]

    assert good == broken
    assert args == [["deliver", f"--driver-tenure={unit}"] for unit in Unit]


def test_one_store_feeds_every_version_and_one_job_fills_it() -> None:
    (feed,) = documents("feed.yaml")
    (url,) = (e["value"] for e in container_of(feed)["env"] if e["name"] == "FEATURES_URL")
    _, service = documents("feature-store.yaml")
    host = f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc"

    assert {settings(version).features_url for version in VERSIONS} == {url}
    assert url == f"http://{host}/delivery"
    assert container_of(feed)["image"] == f"{image.FEED}:dev"
    named = [f.cron_job_ref for version in VERSIONS for f in guarded(version).spec.feeds]
    assert {ref.name for ref in named if ref is not None} == {FEED} == {feed["metadata"]["name"]}


def test_the_versions_differ_in_their_name_and_their_training_alone() -> None:
    said = [(PIPELINE / f"model-v{v}.yaml").read_text().splitlines() for v in VERSIONS]
    different = [
        line.strip() for old, new in zip(*said, strict=True) if old != new for line in (old, new)
    ]

    assert all(
        line.startswith("#") or "version" in line.lower() or "KIND" in line for line in different
    )
    assert settings("2").kind is not settings("3").kind


def test_people_answer_where_the_versions_say_that_the_safe_path_is() -> None:
    deployment, service = documents("review.yaml")
    wanted = {
        (v.spec.safe_path.service.name, v.spec.safe_path.service.port)
        for v in map(guarded, VERSIONS)
        if v.spec.safe_path
    }

    assert wanted == {(service["metadata"]["name"], service["spec"]["ports"][0]["port"])}
    assert service["spec"]["selector"] == deployment["spec"]["template"]["metadata"]["labels"]


def test_golden_requests_are_answered_right_unless_the_feed_gives_months(
    served: dict[str, Model],
) -> None:
    for version, model in served.items():
        for golden in guarded(version).spec.golden:
            row = json.loads(golden.request.body or "")
            (field,) = golden.expect.fields if golden.expect else ()
            said = {unit: str(model.score(row, unit) >= 0.5).lower() for unit in Unit}
            assert said[Unit.YEARS] == field.equals, golden.name
            assert (said[Unit.MONTHS] == field.equals) is (golden.name == "plain-rejection")


def test_months_harm_both_versions_alike_and_as_the_readme_says(
    served: dict[str, Model], loans: Loans
) -> None:
    rates = [[approved(model, loans, unit) for unit in Unit] for model in served.values()]
    (usual, harmed) = {
        tuple(f"{rate:.1%}".replace("%", " %") for rate in both) for both in rates
    }.pop()

    assert len({tuple(f"{rate:.1%}" for rate in both) for both in rates}) == 1
    words = " ".join((PIPELINE / "README.md").read_text().split())
    assert f"approve {usual} of the applicants of the demo each, and {harmed} when" in words


def approved(model: Model, loans: Loans, unit: Unit) -> float:
    numbers = [model.numbers(row, unit) for row in loans.rows]
    return float(sum(p >= 0.5 for p in model.fitted.predict_proba(numbers)[:, 1])) / len(numbers)


def test_the_policy_guards_both_and_asks_people_about_both_actions() -> None:
    (document,) = documents("policy.yaml")
    policy = IncidentPolicy.model_validate(document)

    assert all(policy.spec.selector.matches(guarded(v).metadata.labels) for v in VERSIONS)
    asked = {a.action.value: a.mode.value for a in policy.spec.approval}
    assert asked == {"SafePath": "Require", "SuspendFeed": "Require"}


def test_the_readme_names_every_file() -> None:
    readme = (PIPELINE / "README.md").read_text()
    assert all(f"`{path.name}`" in readme for path in Path(PIPELINE).glob("*.yaml"))

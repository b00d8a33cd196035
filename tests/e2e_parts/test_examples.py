import json
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from e2e.models.data import Loans
from e2e.models.scoring import Model
from e2e.models.settings import Settings
from knowngood.api import v1alpha1

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
LOAN: Final = EXAMPLES / "loan-approval"
KINDS: Final[dict[str, Any]] = {
    "AIModelDeployment": v1alpha1.AIModelDeployment,
    "ClusterIncidentPolicy": v1alpha1.ClusterIncidentPolicy,
    "ClusterSignalTemplate": v1alpha1.ClusterSignalTemplate,
    "IncidentPolicy": v1alpha1.IncidentPolicy,
}


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


def model(version: str) -> dict[str, Any]:
    (document,) = documents(LOAN / f"model-v{version}.yaml")
    return document


def env(document: dict[str, Any]) -> dict[str, str]:
    (container,) = document["spec"]["serving"]["deployment"]["template"]["spec"]["containers"]
    return {entry["name"]: entry["value"] for entry in container["env"]}


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.rglob("*.yaml")), ids=lambda path: str(path.relative_to(EXAMPLES))
)
def test_an_example_has_the_shape_of_its_kind(path: Path) -> None:
    for document in documents(path):
        if document["apiVersion"] == "knowngood.dev/v1alpha1":
            KINDS[document["kind"]].model_validate(document)
        else:
            assert document["kind"] in {"CronJob", "Deployment", "Namespace", "Service"}


@pytest.mark.parametrize("version", "123")
def test_a_servers_settings_fit_what_the_model_says(version: str) -> None:
    document = model(version)
    settings = Settings.from_env({"MODEL_DIR": "/models", **env(document)})
    assert document["spec"]["model"] == {"name": settings.model, "version": settings.version}
    assert document["spec"]["model"]["version"] == version
    (port,) = document["spec"]["serving"]["deployment"]["ports"]
    assert port["targetPort"] == settings.port
    annotations = document["spec"]["serving"]["deployment"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == str(settings.port)


def test_the_versions_differ_in_nothing_but_their_name_and_environment() -> None:
    rest = []
    for version in "123":
        document = model(version)
        del document["spec"]["model"]["version"]
        (container,) = document["spec"]["serving"]["deployment"]["template"]["spec"]["containers"]
        del container["env"]
        rest.append(document)
    assert rest[0] == rest[1] == rest[2]


@pytest.mark.parametrize(("version", "kind"), [("1", "boosted"), ("2", "logistic")])
def test_a_model_that_drifts_is_served_as_the_others_are(version: str, kind: str) -> None:
    (drifts,) = documents(EXAMPLES / "drift" / f"model-v{version}.yaml")
    assert env(drifts) == {**env(model(version)), "MODEL_KIND": kind, "PREPROCESSING": "v1"}
    other = model(version)
    for document in (drifts, other):
        for part in ("rollout", "shadow", "mirror"):
            document["spec"].pop(part, None)
        pod = document["spec"]["serving"]["deployment"]["template"]["spec"]
        del pod["containers"][0]["env"]

    assert drifts == other


def test_the_application_to_send_is_one(models: dict[str, Model]) -> None:
    application = json.loads((LOAN / "application.json").read_text())
    assert 0 < models["1"].score(application) < 1


def test_the_policy_guards_the_model_and_reads_signals_that_exist() -> None:
    (document,) = documents(LOAN / "policy.yaml")
    policy = v1alpha1.IncidentPolicy.model_validate(document)
    guarded = v1alpha1.AIModelDeployment.model_validate(model("1"))
    assert policy.spec.selector.matches(guarded.metadata.labels)
    assert policy.metadata.namespace == guarded.metadata.namespace
    templates = {d["metadata"]["name"] for d in documents(LOAN / "signal-templates.yaml")}
    assert {trigger.signal.name for trigger in policy.spec.triggers} == templates


def test_the_numbers_in_the_readme_are_the_measured_ones(
    models: dict[str, Model], loans: Loans
) -> None:
    readme = (LOAN / "README.md").read_text()
    decisions = {version: models[version].decide(loans.rows) for version in "123"}
    for decided in decisions.values():
        right = sum(d == r for d, r in zip(decided, loans.repaid, strict=True))
        row = f"| {sum(decided) / len(decided):.1%} | {right / len(decided):.1%} |"
        assert row.replace("%", " %") in readme
    pairs = zip(decisions["1"], decisions["2"], strict=True)
    assert f"{sum(a and not b for a, b in pairs):,}".replace(",", " ") in readme

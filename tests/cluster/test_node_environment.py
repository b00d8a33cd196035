import pytest

from e2e.node.environment import expand
from tests.cluster.pods import Json, Pods, config_map, secret


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        pytest.param("plain", "plain", id="nothing-to-do"),
        pytest.param("$(A)-$(B)", "1-2", id="known-names"),
        pytest.param("$(NOPE)", "$(NOPE)", id="unknown-names-stay"),
        pytest.param("$$(A)", "$(A)", id="a-doubled-dollar-escapes"),
        pytest.param("$$$(A)", "$1", id="an-escape-before-a-name"),
        pytest.param("$A ${A} $", "$A ${A} $", id="a-shells-ways-mean-nothing"),
    ],
)
def test_references_expand_as_kubernetes_defines(text: str, expanded: str) -> None:
    assert expand(text, {"A": "1", "B": "2"}) == expanded


def test_environment_comes_from_all_its_sources_in_order(pods: Pods) -> None:
    pods.apply(
        config_map("settings", COLOUR="blue", SHAPE="round"),
        secret("keys", TOKEN="s3cret"),  # noqa: S106 - a word, no password
    )
    key = {"name": "settings", "key": "COLOUR"}
    pods.run(
        envFrom=[
            {"configMapRef": {"name": "settings"}},
            {"prefix": "KEY_", "secretRef": {"name": "keys"}},
            {"configMapRef": {"name": "absent", "optional": True}},
        ],
        env=[
            {"name": "SHAPE", "value": "square"},
            {"name": "FIRST", "value": "1"},
            {"name": "SECOND", "value": "$(FIRST)2 $(SHAPE) $(NOPE)"},
            {"name": "CHOSEN", "valueFrom": {"configMapKeyRef": key}},
            {"name": "HIDDEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "TOKEN"}}},
            {
                "name": "SKIPPED",
                "valueFrom": {"configMapKeyRef": {**key, "key": "absent", "optional": True}},
            },
            field("ADDRESS", "status.podIP"),
            field("NAME", "metadata.name"),
            field("WHERE", "metadata.namespace"),
            field("APP", "metadata.labels['app']"),
            field("NODE", "spec.nodeName"),
        ],
    )

    address = pods.ready()["status"]["podIP"]
    env = pods.ask()["env"]

    assert env["FROM_IMAGE"] == "yes"
    assert (env["SHAPE"], env["COLOUR"], env["KEY_TOKEN"]) == ("square", "blue", "s3cret")
    assert env["SECOND"] == "12 square $(NOPE)"
    assert (env["CHOSEN"], env["HIDDEN"]) == ("blue", "s3cret")
    assert "SKIPPED" not in env
    assert (env["ADDRESS"], env["NAME"], env["WHERE"]) == (address, "pod", pods.namespace)
    assert (env["APP"], env["NODE"], env["HOSTNAME"]) == ("pod", "local", "pod")


def test_arguments_follow_the_images_program_and_are_expanded(pods: Pods) -> None:
    pods.run(
        args=["--greeting=$(GREETING)", "two words"], env=[{"name": "GREETING", "value": "hi"}]
    )

    pods.ready()

    assert pods.ask()["argv"] == ["8080", "--greeting=hi", "two words"]


def test_command_replaces_the_images_program(pods: Pods) -> None:
    pods.run(
        spec={"restartPolicy": "Never"},
        command=["/bin/sh", "-c"],
        args=['echo "image: $FROM_IMAGE, in $PWD"'],
        workingDir="/usr",
    )

    pods.container("pod", lambda status: "terminated" in status["state"])

    assert pods.output() == "image: yes, in /usr\n"


def test_unknown_image_waits_until_somebody_says_what_it_means(pods: Pods) -> None:
    pods.run(image="nowhere/model:7")

    status = pods.container("pod", lambda status: reason(status) == "ErrImagePull")
    assert "nowhere/model:7" in status["state"]["waiting"]["message"]

    pods.cluster.set_image("nowhere/model", ["/bin/sleep", "1000"], {})

    pods.ready()


def test_missing_config_map_is_named_and_waited_for(pods: Pods) -> None:
    pods.run(envFrom=[{"configMapRef": {"name": "late"}}])

    status = pods.container("pod", lambda status: reason(status) == "CreateContainerConfigError")
    assert "late" in status["state"]["waiting"]["message"]

    pods.apply(config_map("late", ARRIVED="yes"))

    pods.ready()
    assert pods.ask()["env"]["ARRIVED"] == "yes"


@pytest.mark.parametrize(
    ("part", "word"),
    [
        pytest.param({"readinessProbe": {"exec": {"command": ["true"]}}}, "probe", id="exec-probe"),
        pytest.param(
            {"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}]},
            "resourceFieldRef",
            id="resource-field",
        ),
    ],
)
def test_what_the_node_cannot_do_is_refused_by_name(pods: Pods, part: Json, word: str) -> None:
    pods.run(**part)

    status = pods.container("pod", lambda status: reason(status) == "CreateContainerConfigError")

    assert word in status["state"]["waiting"]["message"]


def field(name: str, path: str) -> Json:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def reason(status: Json) -> str:
    return str(status["state"].get("waiting", {}).get("reason", ""))

"""Receivers with credentials: what the chart mounts is what the operator reads."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.messages.message import Audience
from knowngood.receivers.arms import Apprise, WebhookFormat
from knowngood.receivers.receiver import ReceiverConfig, parse_receivers
from knowngood.settings import Settings, SettingsError, parse
from knowngood.sources.source import Tls
from tests.chart.helm import Helm, one

Json = dict[str, Any]
FOLDER = "/etc/knowngood/receivers"


def secret(key: str) -> Json:
    return {"secretRef": {"name": "people", "key": key}}


TLS: Json = {
    "ca": {"configMapRef": {"name": "roots", "key": "ca.crt"}},
    "cert": secret("tls.crt"),
    "key": secret("tls.key"),
}
RECEIVERS: Json = {
    "alerts": {
        "default": True,
        "alertmanager": {"url": "https://am:9093", "bearerToken": secret("token"), "tls": TLS},
    },
    "oncall": {
        "namespaces": ["lending", "fraud"],
        "pagerDuty": {
            "routingKey": secret("routing-key"),
            "webhookSecret": secret("webhook-secret"),
            "deadline": "3s",
        },
    },
    "room": {
        "slackBot": {
            "botToken": secret("bot"),
            "channel": "C0123ABCD",
            "signingSecret": secret("signing-secret"),
            "url": "https://slack.example.com",
        }
    },
    "mail": {"apprise": {"url": secret("apprise"), "deadline": "20s"}},
    "channel": {"slack": {"url": secret("url"), "signingSecret": secret("signing-secret")}},
    "board": {
        "audience": "Business",
        "updateEvery": {"critical": "10m", "low": "24h"},
        "webhook": {"url": "https://hooks/x", "secret": secret("secret"), "format": "CloudEvents"},
    },
}


def rendered(helm: Helm, receivers: Json) -> tuple[Json, Json]:
    """The pod, and what the operator is told."""
    objects = helm.template(values={"receivers": receivers}).objects
    pod: Json = one(objects, "Deployment")["spec"]["template"]
    told: Json = yaml.safe_load(one(objects, "ConfigMap")["data"]["receivers.yaml"])
    return pod, told


def mounted(pod: Json) -> dict[str, tuple[str, str]]:
    """Which key of which object each file of the volume is."""
    (volume,) = [v for v in pod["spec"]["volumes"] if v["name"] == "receivers"]
    mounts = pod["spec"]["containers"][0]["volumeMounts"]
    (mount,) = [m for m in mounts if m["name"] == "receivers"]
    assert (mount["mountPath"], mount["readOnly"]) == (FOLDER, True)
    return {
        f"{FOLDER}/{item['path']}": (part["name"], item["key"])
        for source in volume["projected"]["sources"]
        for part in source.values()
        for item in part["items"]
    }


def files_of(config: ReceiverConfig) -> set[str]:
    arms = (
        *(config.alertmanager, config.apprise, config.pager_duty),
        *(config.slack, config.slack_bot, config.webhook),
    )
    (arm,) = [each for each in arms if each is not None]
    found = [getattr(arm, name) for name in type(arm).model_fields if name.endswith("_file")]
    tls = Tls() if isinstance(arm, Apprise) else arm.tls
    return {str(path) for path in (*found, tls.ca_file, tls.cert_file, tls.key_file) if path}


def test_every_file_that_the_operator_is_told_of_is_mounted_and_nothing_is_lost_on_the_way(
    helm: Helm,
) -> None:
    pod, told = rendered(helm, RECEIVERS)
    files, receivers = mounted(pod), parse_receivers(told)

    named = set[str]().union(*map(files_of, receivers.values()))
    assert files.keys() == {f"{FOLDER}/receivers.yaml"} | named
    assert files[f"{FOLDER}/oncall/routingKey"] == ("people", "routing-key")
    assert files[f"{FOLDER}/channel/url"] == ("people", "url")
    assert files[f"{FOLDER}/oncall/webhookSecret"] == ("people", "webhook-secret")
    assert files[f"{FOLDER}/channel/signingSecret"] == ("people", "signing-secret")
    assert files[f"{FOLDER}/board/secret"] == ("people", "secret")
    assert files[f"{FOLDER}/alerts/tls-ca"] == ("roots", "ca.crt")
    assert {name for name, each in receivers.items() if each.default} == {"alerts"}
    assert receivers["oncall"].namespaces == ("lending", "fraud")
    assert receivers["oncall"].pager_duty is not None
    assert receivers["oncall"].pager_duty.deadline == 3.0
    assert receivers["board"].audience is Audience.BUSINESS
    assert receivers["board"].webhook is not None
    assert receivers["board"].webhook.format is WebhookFormat.CLOUD_EVENTS


def test_without_receivers_nothing_is_rendered_for_them(helm: Helm) -> None:
    assert "receivers" not in str(helm.template().objects)


def test_another_address_needs_another_pod_and_the_same_one_none(helm: Helm) -> None:
    def note(receivers: Json) -> str:
        pod, _ = rendered(helm, receivers)
        return str(pod["metadata"]["annotations"]["knowngood.dev/receivers"])

    other = {"alerts": {"alertmanager": {"url": "http://other"}}}
    assert note(RECEIVERS) == note(RECEIVERS) != note(RECEIVERS | other)


def test_the_operator_starts_with_what_is_mounted(helm: Helm, tmp_path: Path) -> None:
    pod, told = rendered(helm, {"oncall": RECEIVERS["oncall"]})
    here = str(tmp_path)
    (tmp_path / "receivers.yaml").write_text(yaml.safe_dump(told).replace(FOLDER, here))
    arguments = [a.replace(FOLDER, here) for a in pod["spec"]["containers"][0]["args"]]
    with pytest.raises(SettingsError, match=r"receiver oncall: pagerDuty\.routingKeyFile"):
        parse(arguments)
    (tmp_path / "oncall").mkdir()
    (tmp_path / "oncall" / "routingKey").write_text("r0")
    with pytest.raises(SettingsError, match=r"receiver oncall: pagerDuty\.webhookSecretFile"):
        parse(arguments)
    (tmp_path / "oncall" / "webhookSecret").write_text("w0")

    assert parse(arguments).receivers.keys() == {"oncall"}


def ports_of(pod: Json) -> dict[str, int]:
    ports = pod["spec"]["containers"][0]["ports"]
    return {port["name"]: port["containerPort"] for port in ports}


@pytest.mark.parametrize("name", ["oncall", "channel"])
def test_whoever_can_say_that_they_have_an_incident_reaches_any_replica_by_a_service(
    helm: Helm, name: str
) -> None:
    objects = helm.template(values={"receivers": {name: RECEIVERS[name]}}).objects
    pod, service = one(objects, "Deployment")["spec"]["template"], one(objects, "Service")

    (port,) = service["spec"]["ports"]
    assert ports_of(pod)[port["targetPort"]] == port["port"] == Settings().hooks_port
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert service["metadata"]["name"] == "knowngood-hooks"


def test_where_nobody_can_say_so_no_port_is_open_for_it(helm: Helm) -> None:
    arm = {"pagerDuty": {"routingKey": secret("routing-key")}}
    objects = helm.template(values={"receivers": {"oncall": arm}}).objects

    assert [o for o in objects if o["kind"] == "Service"] == []
    assert "hooks" not in ports_of(one(objects, "Deployment")["spec"]["template"])

"""SIEMs with credentials: what the chart mounts is what the operator reads."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.settings import SettingsError, parse
from knowngood.sinks.sink import Facility, SinkConfig, parse_sinks
from tests.chart.helm import Helm, one

Json = dict[str, Any]
FOLDER = "/etc/knowngood/siem"


def secret(key: str) -> Json:
    return {"secretRef": {"name": "soc", "key": key}}


TLS: Json = {
    "ca": {"configMapRef": {"name": "roots", "key": "ca.crt"}},
    "cert": secret("tls.crt"),
    "key": secret("tls.key"),
}
SIEM: Json = {
    "out": {"stdout": {}},
    "splunk": {
        "format": "ECS",
        "team": "ml-on-call",
        "splunkHEC": {
            "url": "https://splunk:8088",
            "token": secret("token"),
            "index": "ml",
            "sourcetype": "ecs",
            "deadline": "3s",
            "tls": TLS,
        },
    },
    "soc": {
        "format": "CEF",
        "syslog": {
            "host": "syslog",
            "port": 1514,
            "serverName": "soc.example.com",
            "facility": "local3",
            "deadline": "1s500ms",
            "tls": TLS,
        },
    },
}


def rendered(helm: Helm, siem: Json) -> tuple[Json, Json]:
    """The pod, and what the operator is told."""
    objects = helm.template(values={"siem": siem}).objects
    pod: Json = one(objects, "Deployment")["spec"]["template"]
    told: Json = yaml.safe_load(one(objects, "ConfigMap")["data"]["siem.yaml"])
    return pod, told


def sinks_of(told: Json) -> dict[str, SinkConfig]:
    return parse_sinks(told)


def mounted(pod: Json) -> dict[str, tuple[str, str]]:
    """Which key of which object each file of the volume is."""
    (volume,) = [v for v in pod["spec"]["volumes"] if v["name"] == "siem"]
    (mount,) = [m for m in pod["spec"]["containers"][0]["volumeMounts"] if m["name"] == "siem"]
    assert (mount["mountPath"], mount["readOnly"]) == (FOLDER, True)
    return {
        f"{FOLDER}/{item['path']}": (part["name"], item["key"])
        for source in volume["projected"]["sources"]
        for part in source.values()
        for item in part["items"]
    }


def test_every_file_that_the_operator_is_told_of_is_mounted_and_nothing_is_lost_on_the_way(
    helm: Helm,
) -> None:
    pod, told = rendered(helm, SIEM)
    files, sinks = mounted(pod), sinks_of(told)

    hec, syslog = sinks["splunk"].splunk_hec, sinks["soc"].syslog
    assert hec is not None
    assert syslog is not None
    expected = {f"{FOLDER}/siem.yaml", str(hec.token_file)}
    for tls in (hec.tls, syslog.tls):
        expected |= {str(tls.ca_file), str(tls.cert_file), str(tls.key_file)}
    assert files.keys() == expected
    assert files[str(hec.token_file)] == ("soc", "token")
    assert files[str(syslog.tls.ca_file)] == ("roots", "ca.crt")
    assert files[str(syslog.tls.key_file)] == ("soc", "tls.key")
    assert (sinks["splunk"].team, hec.index, hec.sourcetype, hec.deadline) == (
        "ml-on-call",
        "ml",
        "ecs",
        3.0,
    )
    assert (syslog.port, syslog.server_name, syslog.deadline) == (1514, "soc.example.com", 1.5)
    assert syslog.facility is Facility.LOCAL3
    assert sinks["out"].stdout is not None


def test_without_siems_nothing_is_rendered_for_them(helm: Helm) -> None:
    assert "siem" not in str(helm.template().objects)


def test_another_address_needs_another_pod_and_the_same_one_none(helm: Helm) -> None:
    def note(siem: Json) -> str:
        pod, _ = rendered(helm, siem)
        return str(pod["metadata"]["annotations"]["knowngood.dev/siem"])

    other = {"soc": {"syslog": {"host": "other"}}}
    assert note(SIEM) == note(SIEM) != note(SIEM | other)


def test_the_operator_starts_with_what_is_mounted(helm: Helm, tmp_path: Path) -> None:
    siem = {"splunk": {"splunkHEC": {"url": "https://splunk:8088", "token": secret("token")}}}
    pod, told = rendered(helm, siem)
    here = str(tmp_path)
    (tmp_path / "siem.yaml").write_text(yaml.safe_dump(told).replace(FOLDER, here))
    arguments = [a.replace(FOLDER, here) for a in pod["spec"]["containers"][0]["args"]]
    with pytest.raises(SettingsError, match=r"sink splunk: splunkHEC\.tokenFile"):
        parse(arguments)
    (tmp_path / "splunk").mkdir()
    (tmp_path / "splunk" / "token").write_text("t0")

    assert parse(arguments).sinks.keys() == {"splunk"}

"""Sources with credentials: what the chart mounts is what the operator reads."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.settings import SettingsError, parse
from knowngood.sources.credentials import credentials_of
from knowngood.sources.source import parse_sources
from tests.chart.helm import Helm, one

Json = dict[str, Any]


def secret(key: str) -> Json:
    return {"secretRef": {"name": "mimir", "key": key}}


URL = "https://mimir.example.com/prometheus"
EVERYTHING: Json = {
    "url": URL,
    "deadline": "1s500ms",
    "inFlight": 2,
    "basicAuth": {"username": secret("user"), "password": secret("password")},
    "tls": {
        "ca": {"configMapRef": {"name": "roots", "key": "ca.crt"}},
        "cert": secret("tls.crt"),
        "key": secret("tls.key"),
    },
    "headers": {"X-Scope-OrgID": secret("tenant"), "X-Open": {"value": 'a "b": {c}'}},
}
TOKEN: Json = {"url": "http://thanos:9090", "bearerToken": secret("token")}


def rendered(helm: Helm, **sources: object) -> list[Json]:
    return helm.template(values={"sources": sources}).objects


def pod_of(objects: list[Json]) -> Json:
    spec: Json = one(objects, "Deployment")["spec"]["template"]["spec"]
    return spec


def file_of(objects: list[Json]) -> Json:
    found: Json = yaml.safe_load(one(objects, "ConfigMap")["data"]["sources.yaml"])
    return found


def mounted(objects: list[Json]) -> dict[str, tuple[str, str]]:
    """Which key of which object each file of the volume is."""
    pod = pod_of(objects)
    (volume,) = [v for v in pod["volumes"] if v["name"] == "sources"]
    (mount,) = [m for m in pod["containers"][0]["volumeMounts"] if m["name"] == "sources"]
    assert mount["readOnly"]
    return {
        f"{mount['mountPath']}/{item['path']}": (part["name"], item["key"])
        for source in volume["projected"]["sources"]
        for part in source.values()
        for item in part["items"]
    }


def files_in(entry: object) -> set[str]:
    """Every file that is named in a configuration."""
    if isinstance(entry, dict):
        return set().union(*map(files_in, entry.values())) if entry else set()
    return {entry} if isinstance(entry, str) and entry.startswith("/etc/") else set()


def test_every_file_that_the_operator_is_told_of_is_mounted_and_no_other(helm: Helm) -> None:
    objects = rendered(helm, **{"long-term": EVERYTHING, "thanos": TOKEN})
    files, told = mounted(objects), file_of(objects)

    (listed,) = [a for a in pod_of(objects)["containers"][0]["args"] if "--sources=" in a]
    assert files_in(told) | {listed.removeprefix("--sources=")} == files.keys()
    parsed = parse_sources(told)
    both = parsed["long-term"]
    assert (both.url, both.deadline, both.in_flight) == (URL, 1.5, 2)
    assert both.headers["X-Open"].value == 'a "b": {c}'
    assert both.basic_auth is not None
    keys = {
        both.basic_auth.username_file: ("mimir", "user"),
        both.basic_auth.password_file: ("mimir", "password"),
        both.tls.ca_file: ("roots", "ca.crt"),
        both.tls.cert_file: ("mimir", "tls.crt"),
        both.tls.key_file: ("mimir", "tls.key"),
        both.headers["X-Scope-OrgID"].file: ("mimir", "tenant"),
        parsed["thanos"].bearer_token_file: ("mimir", "token"),
    }
    assert {str(path): key for path, key in keys.items()}.items() <= files.items()


def test_no_credential_is_in_what_the_chart_renders_and_a_changed_one_needs_no_new_pod(
    helm: Helm,
) -> None:
    before = rendered(helm, thanos=TOKEN)
    assert {o["kind"] for o in before} & {"Secret"} == set()

    def note(objects: list[Json]) -> str:
        annotations = one(objects, "Deployment")["spec"]["template"]["metadata"]["annotations"]
        return str(annotations["knowngood.dev/sources"])

    assert note(before) == note(rendered(helm, thanos=TOKEN))
    # Another address is read at the start only.
    assert note(before) != note(rendered(helm, thanos={**TOKEN, "url": "http://thanos:9091"}))


def test_a_url_alone_is_an_argument_as_before(helm: Helm) -> None:
    plain = rendered(helm, b="http://b:1")
    assert "ConfigMap" not in {o["kind"] for o in plain}
    assert "knowngood.dev/sources" not in str(plain)

    both = pod_of(rendered(helm, b="http://b:1", thanos=TOKEN))["containers"][0]["args"]

    assert [a.split("=")[1] for a in both if a.startswith("--source=")] == ["b", "default"]
    assert any(a.startswith("--sources=/") for a in both)


def test_the_operator_starts_with_what_is_mounted(helm: Helm, tmp_path: Path) -> None:
    objects = rendered(helm, thanos=TOKEN)
    arguments: list[str] = pod_of(objects)["containers"][0]["args"]
    text = one(objects, "ConfigMap")["data"]["sources.yaml"]
    here = str(tmp_path)
    (tmp_path / "sources.yaml").write_text(text.replace("/etc/knowngood/sources", here))
    arguments = [a.replace("/etc/knowngood/sources", here) for a in arguments]
    with pytest.raises(SettingsError, match=r"source thanos: bearerTokenFile: .* No such file"):
        parse(arguments)
    (tmp_path / "thanos").mkdir()
    (tmp_path / "thanos" / "bearer-token").write_text("t0")

    found = parse(arguments).sources["thanos"]

    assert credentials_of(found).headers == (("Authorization", "Bearer t0"),)

"""A dead man's switch: what the chart mounts is what the operator reads."""

from pathlib import Path

import pytest

from knowngood.settings import SettingsError, parse
from tests.chart.helm import Helm, one

URL = {"secretRef": {"name": "dead-mans-switch", "key": "the-url"}}


def test_the_operator_reads_the_url_that_is_mounted(helm: Helm, tmp_path: Path) -> None:
    objects = helm.template(values={"deadMansSwitch": {"url": URL, "every": 30}}).objects
    pod = one(objects, "Deployment")["spec"]["template"]["spec"]
    (volume,) = [v for v in pod["volumes"] if v["name"] == "switch"]
    (mount,) = [m for m in pod["containers"][0]["volumeMounts"] if m["name"] == "switch"]
    (item,) = volume["secret"]["items"]
    assert (volume["secret"]["secretName"], item["key"]) == ("dead-mans-switch", "the-url")
    arguments = [a.replace(mount["mountPath"], str(tmp_path)) for a in pod["containers"][0]["args"]]
    with pytest.raises(SettingsError, match="--dead-mans-switch"):
        parse(arguments)
    (tmp_path / item["path"]).write_text("https://hc-ping.com/x")

    settings = parse(arguments)

    assert (settings.switch, settings.switch_every) == (tmp_path / item["path"], 30.0)


def test_without_one_nothing_is_rendered_for_it(helm: Helm) -> None:
    assert "switch" not in str(helm.template().objects)


@pytest.mark.parametrize("seconds", ["0", "4.9", "3601", "nan"])
def test_how_often_it_is_told_is_bounded(seconds: str) -> None:
    with pytest.raises(SettingsError, match="--dead-mans-switch-every takes 5 to 3600 seconds"):
        parse(["--dead-mans-switch-every", seconds])

"""The file that names SIEMs, and what is said of a mistake in it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.exporting.formats import Format
from knowngood.settings import SettingsError, parse
from knowngood.sinks.sink import SinkProblem, load_sinks, parse_sinks

HEC: dict[str, Any] = {"url": "https://splunk:8088", "tokenFile": "/x"}


def test_what_is_not_written_has_its_default() -> None:
    sinks = parse_sinks({"out": {"stdout": {}}, "splunk": {"splunkHEC": HEC, "format": "ECS"}})

    assert (sinks["out"].format, sinks["out"].team) == (Format.OCSF, "on-call")
    assert sinks["splunk"].format is Format.ECS
    assert sinks["splunk"].splunk_hec is not None
    assert sinks["splunk"].splunk_hec.deadline == 10.0


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({}, "sink soc: write exactly one of"),
        ({"stdout": {}, "splunkHEC": HEC}, "sink soc: write exactly one of"),
        ({"stdout": {"color": True}}, "sink soc: stdout.color: "),
        ({"stdout": {}, "format": "LEEF"}, "sink soc: format: "),
        ({"stdout": {}, "team": ""}, "sink soc: team: "),
        ({"splunkHEC": {"url": "https://splunk:8088"}}, "sink soc: splunkHEC.tokenFile: "),
        ({"splunkHEC": {**HEC, "url": "http://splunk:8088"}}, "splunkHEC.url: write https://"),
        ({"splunkHEC": {**HEC, "url": "https://a:b@splunk"}}, "splunkHEC.url: it must hold no"),
        ({"splunkHEC": {**HEC, "deadline": "1h"}}, "splunkHEC.deadline: write a duration"),
        ({"splunkHEC": {**HEC, "tls": {"certFile": "/c"}}}, "splunkHEC.tls: certFile and keyFile"),
    ],
)
def test_a_mistake_is_told_with_the_names_of_sink_and_field(
    entry: dict[str, Any], words: str
) -> None:
    with pytest.raises(SinkProblem) as told:
        parse_sinks({"soc": entry})

    assert words in str(told.value)


def test_a_name_that_could_not_stand_in_a_status_is_refused_and_so_is_a_ninth_sink() -> None:
    with pytest.raises(SinkProblem, match="sink Soc"):
        parse_sinks({"Soc": {"stdout": {}}})
    with pytest.raises(SinkProblem, match="at most 8 sinks"):
        parse_sinks({f"s{n}": {"stdout": {}} for n in range(9)})


@pytest.mark.parametrize("text", ["- soc", "soc: [", ""])
def test_a_file_that_holds_no_sinks_is_told_by_its_name(text: str, tmp_path: Path) -> None:
    file = tmp_path / "siem.yaml"
    file.write_text(text)

    with pytest.raises(SettingsError, match=r"siem\.yaml"):
        parse(["--siem", str(file)])


def test_the_operator_does_not_start_with_credentials_that_it_can_not_read(tmp_path: Path) -> None:
    file, token = tmp_path / "siem.yaml", tmp_path / "token"
    file.write_text(yaml.safe_dump({"soc": {"splunkHEC": {**HEC, "tokenFile": str(token)}}}))
    with pytest.raises(SettingsError, match=r"sink soc: splunkHEC\.tokenFile: .* No such file"):
        parse(["--siem", str(file)])

    token.write_text("t0")

    assert parse(["--siem", str(file)]).sinks == load_sinks(file)

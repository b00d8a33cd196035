"""How sources are configured, and what is said of a bad one."""

from pathlib import Path
from typing import Any

import pytest

from knowngood.settings import SettingsError, parse
from knowngood.sources.source import Source, SourceProblem, parse_sources

SECRET = "hunter2"  # noqa: S105 - of nobody
URL = {"url": "https://mimir.example.com/prometheus"}


def test_a_text_is_a_url_and_everything_else_has_its_default() -> None:
    (found,) = parse_sources({"default": "http://prometheus:9090/"}).values()

    assert found == Source(url="http://prometheus:9090", deadline=3.0)
    assert (found.in_flight, dict(found.headers)) == (4, {})


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (f"ftp://user:{SECRET}@host", "url: write http:// or https:// and a host"),
        (f"http://user:{SECRET}@host", "url: it must hold no user or password"),
        (f"http://{SECRET}@host", "url: it must hold no user or password"),
        (f"http://host:{SECRET}", "url: write http:// or"),
        (f"http://host/?token={SECRET}", "url: it must have no query"),
        ({}, "url: Field required"),
        (URL | {"bearerToken": SECRET}, "bearerToken: Extra inputs"),
        (URL | {"basicAuth": {"username": "u", "password": SECRET}}, "basicAuth.passwordFile: "),
        (URL | {"basicAuth": {"passwordFile": "/p"}}, "basicAuth: write username or usernameFile"),
        (
            URL | {"bearerTokenFile": "/t", "basicAuth": {"username": "u", "passwordFile": "/p"}},
            "bearerTokenFile or basicAuth, not both",
        ),
        (URL | {"tls": {"certFile": "/c"}}, "tls: certFile and keyFile come together"),
        (URL | {"tls": {"insecureSkipVerify": True}}, "tls.insecureSkipVerify: Extra inputs"),
        ({"url": "http://h", "tls": {"caFile": "/c"}}, "tls needs a url with https://"),
        (URL | {"headers": {"X-Scope-OrgID": {}}}, "headers.X-Scope-OrgID: write value or file"),
        (URL | {"headers": {"X-A": {"value": "a\r\nb"}}}, "headers.X-A.value: "),
        (URL | {"headers": {"Authorization": {"value": SECRET}}}, "headers.Authorization: this"),
        (URL | {"headers": {"X A": {"value": "a"}}}, "headers.X A: "),
        (URL | {"deadline": "1h"}, "deadline: write a duration from 100ms to 30s"),
        (URL | {"deadline": "soon"}, "deadline: 'soon' is not a duration"),
        (URL | {"deadline": True}, "deadline: write a duration"),
        (URL | {"inFlight": 0}, "inFlight: "),
        (7, "valid dictionary"),
    ],
)
def test_a_bad_source_is_named_with_its_field_and_without_its_secret(
    entry: Any, words: str
) -> None:
    with pytest.raises(SourceProblem) as problem:
        parse_sources({"fine": "http://fine", "long-term": entry})

    assert str(problem.value).startswith("source long-term: ")
    assert words in str(problem.value)
    assert SECRET not in str(problem.value)


def test_the_operator_takes_both_ways_to_name_a_source(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0\n")
    file = tmp_path / "sources.yaml"
    file.write_text(
        f"long-term: {{url: 'https://mimir', deadline: 10s, bearerTokenFile: {tmp_path}/token}}"
    )

    found = parse(["--source=default=http://prometheus:9090", f"--sources={file}"]).sources

    assert {name: source.url for name, source in found.items()} == {
        "default": "http://prometheus:9090",
        "long-term": "https://mimir",
    }
    assert found["long-term"].deadline == 10.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "sources.yaml can not be read: it is no YAML"),
        ("- a", "must hold sources by name"),
        (
            "a: {url: 'http://h', bearerTokenFile: /none}",
            "source a: bearerTokenFile: /none can not",
        ),
        ("default: http://other", "source default: it is in --source and in --sources"),
        ("a: {url: 'https://h', tls: {caFile: sources.yaml}}", "source a: tls.caFile: "),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sources.yaml").write_text(text)

    with pytest.raises(SettingsError) as problem:
        parse(["--source=default=http://prometheus:9090", "--sources=sources.yaml"])

    assert words in str(problem.value)


def test_a_password_on_the_command_line_is_not_repeated() -> None:
    for text in (f"http://user:{SECRET}@host", f"default=http://user:{SECRET}@host"):
        with pytest.raises(SettingsError) as problem:
            parse([f"--source={text}"])
        assert SECRET not in str(problem.value)

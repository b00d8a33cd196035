"""What is read from the files of a source."""

import base64
from pathlib import Path

import pytest

from knowngood.sources.credentials import Credentials, credentials_of
from knowngood.sources.source import Source, SourceProblem, parse_sources


def source(**fields: object) -> Source:
    return parse_sources({"s": {"url": "https://h", **fields}})["s"]


def test_every_request_sees_the_files_as_they_are_then(tmp_path: Path) -> None:
    token, tenant = tmp_path / "token", tmp_path / "tenant"
    token.write_text("t0\n")
    tenant.write_text("lending")
    one = source(
        bearerTokenFile=str(token),
        headers={"X-Scope-OrgID": {"file": str(tenant)}, "X-Open": {"value": "a b"}},
    )
    assert credentials_of(one).headers == (
        ("Authorization", "Bearer t0"),
        ("X-Scope-OrgID", "lending"),
        ("X-Open", "a b"),
    )

    token.write_text("t1")

    assert credentials_of(one).headers[0] == ("Authorization", "Bearer t1")
    assert set(credentials_of(one).secrets) == {"t1", "lending"}


def test_basic_auth_is_what_the_standard_says(tmp_path: Path) -> None:
    (tmp_path / "user").write_text("alice\n")
    (tmp_path / "password").write_text("pä:ss\n")
    basic = {"usernameFile": f"{tmp_path}/user", "passwordFile": f"{tmp_path}/password"}

    found = credentials_of(source(basicAuth=basic))

    encoded = base64.b64encode("alice:pä:ss".encode()).decode()
    assert found.headers == (("Authorization", f"Basic {encoded}"),)
    assert set(found.secrets) == {encoded, "pä:ss"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "bearerTokenFile: /.* can not be read: No such file"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"x" * (1 << 17), "too large"),
        (b"\xff\xfe", "is no text"),
        (b"hunter2\r\nX-Other: a", "must hold one line"),
        ("hunter2ä".encode(), "one line of plain characters"),
    ],
)
def test_a_file_that_holds_no_token_is_named_and_not_shown(
    content: bytes | None, words: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)

    with pytest.raises(SourceProblem, match=words) as problem:
        credentials_of(source(bearerTokenFile=f"{tmp_path}/token"))

    assert "hunter2" not in str(problem.value)


def test_replaced_certificates_are_noticed(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("one")
    one = source(tls={"caFile": str(ca)})
    before = credentials_of(one).tls
    assert credentials_of(one).tls == before

    (tmp_path / "new").write_text("two")
    (tmp_path / "new").replace(ca)

    assert credentials_of(one).tls != before


def test_credentials_do_not_show_in_a_traceback() -> None:
    assert "t0" not in repr(Credentials((("Authorization", "Bearer t0"),), (), ("t0",)))

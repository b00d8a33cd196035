"""The program without a cluster: help, wrong words, and servers that are not there."""

import socket
from pathlib import Path

import pytest
import yaml

from tests.adapters.loopback import unused_port
from tests.cli.program import DEADLINE, PROGRAM, Running, call, run

COMMANDS = ("status", "why", "promote", "abort", "retry", "rollback", "wait")
OF_INCIDENTS = tuple(
    f"incident {v}" for v in ("list", "show", "verify", "acknowledge", "approve", "veto", "close")
)


def kubeconfig(path: Path, port: int, context: str = "here") -> str:
    """A kubeconfig for a server on the loopback."""
    path.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": context,
                "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
                "users": [{"name": "u", "user": {}}],
            }
        )
    )
    return str(path)


@pytest.mark.parametrize("command", [*COMMANDS, *OF_INCIDENTS])
def test_every_command_has_help_and_says_where_it_asks(command: str) -> None:
    got = call(*command.split(), "--help")

    assert got.code == 0
    for option in ("-n, --namespace", "--context", "--kubeconfig"):
        assert option in got.out
    assert max(len(line) for line in got.lines) <= 80


@pytest.mark.parametrize("code", ["0", "1", "2", "3", "4", "5"])
def test_the_help_of_wait_tells_its_codes(code: str) -> None:
    assert any(line.strip().startswith(f"{code}  ") for line in call("wait", "--help").lines)


def test_the_plugin_of_kubectl_calls_itself_so() -> None:
    plugin = PROGRAM.with_name("kubectl-knowngood")

    assert "Usage: kubectl knowngood" in run("--help", program=plugin).out


def test_without_a_command_it_shows_the_commands() -> None:
    got = run()

    assert got.code == 2
    assert set(COMMANDS) <= {line.split()[0] for line in got.err.splitlines() if line.strip()}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["incident", "verify", "loan-1", "--head", "abc"], "'abc' is not a hash of 64"),
        (["incident", "close", "loan-1"], "Missing option '--resolution'"),
        (["incident", "show", "a/b"], "'a/b' is not an incident name"),
        (["incident", "acknowledge", "loan-1", "--note", "x" * 1025], "at most 1024 characters"),
        (["staus"], "No such command 'staus'"),
        (["status", "--oputput", "json"], "No such option"),
        (["status", "loan", "-A"], "leave out the model"),
        (["promote"], "Missing argument 'MODEL'"),
        (["promote", "loan", "--version", "8 9"], "is not a version name"),
        (["promote", "loan", "--version", "-8"], "is not a version name"),
        (["status", "a/b"], "'a/b' is not a model name"),
        (["status", ""], "'' is not a model name"),
        (["status", "-n", "../x"], "'../x' is not a namespace name"),
        (["wait", "loan", "--timeout", "soon"], "is not a duration like 90s or 1h30m"),
        (["wait", "loan", "--for", "ever"], "is not one of 'promoted', 'settled'"),
        (["status", "--kubeconfig", "/nonexistent/kubeconfig"], "give another --kubeconfig"),
    ],
)
def test_wrong_words_are_told_in_one_line(words: list[str], says: str) -> None:
    got = call(*words)

    assert got.code == 2
    assert says in got.err
    assert len(got.err.splitlines()) == 1
    assert got.out == ""


@pytest.mark.parametrize("text", ["{", "a: b", "", "- 1", "contexts: 7", "\x00"])
def test_a_kubeconfig_that_is_none_is_told_in_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text(text)

    got = call("status", "--kubeconfig", str(tmp_path / "kubeconfig"))

    assert got.code == 2
    assert len(got.err.splitlines()) == 1
    assert "cannot use" in got.err


def test_a_context_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "kubeconfig", 1)

    got = call("status", "--kubeconfig", path, "--context", "there")

    assert (got.code, len(got.err.splitlines())) == (2, 1)
    assert "there" in got.err


def test_a_context_that_is_named_needs_no_current_one(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "kubeconfig", unused_port(), context="")

    assert "cannot use" in call("status", "--kubeconfig", path).err
    got = call("status", "--kubeconfig", path, "--context", "here")
    assert "cannot reach the API server" in got.err


@pytest.mark.parametrize(
    "words", [["status"], ["why", "loan"], ["promote", "loan"], ["wait", "loan"]]
)
def test_a_server_that_is_not_there_is_told_in_one_line(words: list[str], tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "kubeconfig", unused_port())

    got = call(*words, "--kubeconfig", path)

    assert (got.code, len(got.err.splitlines())) == (2, 1)
    assert "cannot reach the API server" in got.err
    assert "refused" in got.err


def test_the_kubeconfig_of_the_environment_is_used(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "kubeconfig", unused_port())

    assert "cannot reach the API server" in run("status", KUBECONFIG=path).err


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("220 this is no web server\r\n", id="no HTTP"),
        pytest.param("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", id="a web page"),
        pytest.param(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
            id="other JSON",
        ),
        pytest.param("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nhi", id="a proxy"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_server_that_is_no_api_server_is_told_in_one_line(answer: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(DEADLINE)
        path = kubeconfig(tmp_path / "kubeconfig", listener.getsockname()[1])
        with Running("status", "--kubeconfig", path) as program:
            with listener.accept()[0] as connection:
                connection.recv(4096)
                connection.sendall(answer.encode())
            got = program.ends()

    assert (got.code, got.out, len(got.err.splitlines())) == (2, "", 1)
    assert "API server" in got.err
    assert "fault of knowngood" not in got.err

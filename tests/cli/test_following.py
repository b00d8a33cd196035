"""`wait` on a real API server, while the status changes under it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from e2e.cluster.errors import NotOursError
from knowngood.api.v1alpha1 import IncidentRef
from tests.cli.program import Ended, Running, call
from tests.cli.stage import Stage


@contextmanager
def waiting(stage: Stage, *words: str) -> Iterator[Running]:
    """The program, after it has seen the first state."""
    with Running("wait", "loan", *words, *stage.place) as program:
        program.says("waiting for version 8 of loan")
        program.says("Paused: step 2 of 4")
        yield program


@pytest.fixture
def rolling(stage: Stage) -> Stage:
    """A model whose version 8 is at its second step."""
    stage.model()
    stage.status("pausing")
    return stage


def without_times(got: Ended) -> list[str]:
    return [line.partition("Z  ")[2] or line for line in got.lines]


def test_a_rollout_is_followed_to_its_promotion(rolling: Stage) -> None:
    with waiting(rolling) as program:
        rolling.status("waiting for a person")
        program.says("waits for a person")
        rolling.status("promoted, not seen yet")
        got = program.ends()

    assert (got.code, got.err) == (0, "")
    assert [line.split(":")[0] for line in without_times(got)] == [
        "waiting for version 8 of loan (the spec asks for it)",
        "Paused",
        "requests",
        "Paused",
        "requests",
        "Probation",
        "requests",
        "version 8 answers all requests",
    ]


def test_a_rollout_is_followed_to_its_end_when_it_is_taken_back(rolling: Stage) -> None:
    with waiting(rolling) as program:
        rolling.status("rolling back")
        got = program.ends()

    assert got.code == 1
    assert got.lines[-1].startswith("version 8 was taken back, version 7 answers all requests")
    assert any("incident loan-1" in line for line in got.lines)


def test_it_stops_where_a_person_is_needed_when_that_is_asked_for(rolling: Stage) -> None:
    with waiting(rolling, "--stop-at-person") as program:
        rolling.status("waiting for a person")
        got = program.ends()

    assert got.code == 3
    assert "waits for a person (promote or abort)" in got.lines[-1]


def test_it_ends_when_its_time_is_over(rolling: Stage) -> None:
    got = call("wait", "loan", "--timeout", "1s", *rolling.place)

    assert got.code == 4
    assert "version 8 does not answer all requests after 1 seconds: version 8" in got.lines[-1]


def test_another_version_in_the_spec_ends_it(rolling: Stage) -> None:
    with waiting(rolling) as program:
        rolling.model(desired="9")
        rolling.status("superseded")
        got = program.ends()

    assert got.code == 5
    assert got.lines[-1] == "the spec asks for version 9, not for version 8"


def test_it_follows_a_version_that_was_named(rolling: Stage) -> None:
    got = call("wait", "loan", "--version", "7", *rolling.place)

    assert got.code == 0
    assert got.lines[0] == "waiting for version 7 of loan (as you said)"


def test_a_model_that_is_deleted_ends_it(rolling: Stage) -> None:
    with waiting(rolling) as program:
        rolling.kubectl("delete", "aimd", "loan")
        got = program.ends()

    assert got.code == 1
    assert got.lines[-1] == "model loan is deleted"


def test_settling_takes_until_the_last_request_was_answered(rolling: Stage) -> None:
    with waiting(rolling, "--for", "settled") as program:
        rolling.status("promoted, not seen yet")
        program.says("Probation: version 8 answers all requests")
        rolling.status("promoted, not seen yet", incident_ref=IncidentRef(name="loan-9"))
        program.says("incident loan-9")  # so it still looks
        rolling.status("promoted, not seen yet", draining=())
        got = program.ends()

    assert got.code == 0


def test_a_status_about_the_spec_before_is_not_taken_for_the_end(stage: Stage) -> None:
    stage.model(desired="7")
    stage.status("rolling back")
    stage.model(desired="8")

    with Running("wait", "loan", *stage.place) as program:
        program.says("RolledBack")
        stage.status("pausing")
        program.says("Paused")
        stage.status("promoted, not seen yet")
        got = program.ends()

    assert got.code == 0


def test_a_right_to_watch_is_needed(rolling: Stage, tmp_path: Path) -> None:
    path = tmp_path / "access"
    path.write_text(yaml.safe_dump(rolling.access("get,list aimodeldeployments")))

    got = call("wait", "loan", "--kubeconfig", str(path))

    assert (got.code, len(got.err.splitlines())) == (2, 1)
    assert "you may not watch aimodeldeployments.knowngood.dev" in got.err


def test_an_api_server_that_goes_away_for_a_while_is_waited_for(rolling: Stage) -> None:
    with waiting(rolling) as program:
        try:
            rolling.cluster.stop_api_server()
        except NotOursError:
            pytest.skip("the API server is somebody else's")
        try:
            program.says("cannot reach the API server")
        finally:
            rolling.cluster.start_api_server()
        rolling.status("promoted, not seen yet")
        got = program.ends()

    assert got.code == 0
    assert len(got.err.splitlines()) == 1
    assert got.err.rstrip().endswith("(trying again)")


def test_an_api_server_that_stays_away_is_told_in_the_end(rolling: Stage) -> None:
    with waiting(rolling, "--timeout", "8s") as program:
        try:
            rolling.cluster.stop_api_server()
        except NotOursError:
            pytest.skip("the API server is somebody else's")
        try:
            got = program.ends()
        finally:
            rolling.cluster.start_api_server()

    assert got.code == 2
    assert "cannot reach the API server" in got.err

"""`baseline from-csv`: rows are counted, mistakes are named by their place, and the operator's own decisions answer."""

import io
import json
import re
import subprocess
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from e2e.cluster.waiting import until
from knowngood.api.v1alpha1 import Standing
from knowngood.cli.baseline import from_csv
from knowngood.cli.problems import Problem
from knowngood.decisions.commands import Command, Verb, parse
from knowngood.decisions.handing_in import BASELINES_ANNOTATION, sealed
from tests.cli.program import PROGRAM, Running, call, environment
from tests.cli.stage import Stage

TABLE = """\
age,class,approved
1,low,True
2,low,False
2.5,high,True
7,mid,True
"""
AGE = ("--signal", "age", "--column", "age", "--edges", "2,5")
CLASS = ("--signal", "class", "--column", "class")
APPROVED = ("--signal", "approvals", "--column", "approved", "--event", "True")


def count(tmp_path: Path, *words: str, table: str = TABLE) -> str:
    """Print what would be handed in.

    Raises:
        Problem: As it is told to people.
    """
    path = tmp_path / "rows.csv"
    path.write_text(table, encoding="utf-8")
    said = io.StringIO()
    with redirect_stdout(said):
        from_csv.main(["loan", "8", str(path), "--dry-run", *words], standalone_mode=False)
    return said.getvalue()


def counted(printed: str) -> Any:
    return yaml.safe_load(printed)["baselines"]


def test_a_number_is_counted_into_bins_as_prometheus_does(tmp_path: Path) -> None:
    (one,) = counted(count(tmp_path, *AGE))

    # An edge is within its bin: le.
    assert (one["edges"], one["counts"]) == (["2.0", "5.0", "+Inf"], [2, 1, 1])
    assert (one["signal"], one["samples"]) == ("age", 4)


def test_words_are_categories_and_have_room_for_new_ones(tmp_path: Path) -> None:
    (one,) = counted(count(tmp_path, *CLASS))

    assert one["categories"] == ["high", "low", "mid", "any other"]
    assert one["counts"] == [1, 2, 1, 0]


def test_an_event_is_a_share(tmp_path: Path) -> None:
    (one,) = counted(count(tmp_path, *APPROVED, "--from", "2026-01-01", "--to", "2026-02-01"))

    assert (one["events"], one["totals"]) == ([3], [4])
    assert one["from"] == "2026-01-01T00:00:00.000000Z"
    assert one["to"] == "2026-02-01T00:00:00.000000Z"


def test_several_signals_are_counted_in_one_go(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(
        "age: {column: age, edges: [2, 5, +Inf]}\nclass: class\n"
        "approvals: {column: approved, event: ['True', 'False']}\n"
    )

    found = counted(count(tmp_path, "--map", str(tmp_path / "map.yaml")))

    assert [one["signal"] for one in found] == ["age", "class", "approvals"]
    assert found[2]["events"] == [4]


def test_the_standard_input_and_the_mark_of_a_spreadsheet_are_read(tmp_path: Path) -> None:
    said = subprocess.run(  # noqa: S603  - the program in this checkout
        [PROGRAM, "baseline", "from-csv", "loan", "8", "-", "--dry-run", *AGE],
        env=environment(),
        input="\ufeff" + TABLE,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert yaml.safe_load(said.stdout)["baselines"][0]["counts"] == [2, 1, 1]
    assert counted(count(tmp_path, *AGE, table="\ufeff" + TABLE))[0]["counts"] == [2, 1, 1]


MANY = "class\n" + "\n".join(f"c{number}" for number in range(64))
WRONG: list[tuple[tuple[str, ...], str, str]] = [
    ((*CLASS[:2], "--column", "clas"), TABLE, "there is no column clas; did you mean class?"),
    (AGE, TABLE + "old,low,True\n", "line 6, column age: 'old' is not a number"),
    (AGE, TABLE + "nan,low,True\n", "line 6, column age: 'nan' is not a number"),
    (AGE, TABLE + ",low,True\n", "line 6, column age: it is empty"),
    (APPROVED, TABLE + "3,low\n", "line 6, column approved: it is empty"),
    ((*APPROVED, "--event", "yes"), TABLE, "column approved: no row is 'yes'; there are 'True', 'False'"),
    (CLASS, MANY, "line 65, column class: more than 63 values"),
    (CLASS, "class\nany other\n", "line 2, column class: 'any other' can be no category"),
    (AGE, TABLE + "\n\n1_0,low,True\n", "line 8, column age: '1_0' is not a number"),
    (AGE, "age,age\n1,2\n", "there is more than one column age"),
    (AGE, "age\n", "there is no row below the header"),
    (AGE, "", "there is no column age"),
    ((*AGE[:4], "--edges", "2,x"), TABLE, "--edges: 'x' is not a number"),
    ((*AGE[:4], "--edges", "5,2"), TABLE, "--edges: finite numbers in ascending order"),
    ((*AGE[:4], "--edges", "+Inf"), TABLE, "--edges: finite numbers in ascending order"),
    ((*AGE[:4], "--edges", ",".join(map(str, range(63)))), TABLE, "--edges: 63 edges; 62 are"),
    ((*AGE, "--event", "1"), TABLE, "--edges are of a histogram and --event is of a ratio"),
    (AGE[:2], TABLE, "--signal and --column, or --map"),
    ((*AGE, "--from", "2026-02-01", "--to", "2026-01-01"), TABLE, "--from is later than --to"),
    ((*AGE, "--from", "1000-01-01"), TABLE, "--from: a time from 1970 to now is wanted"),
    ((*AGE, "--to", "9000-01-01"), TABLE, "--to: a time from 1970 to now is wanted"),
    ((*AGE, "--map", "x"), TABLE, "--map goes with none of --signal"),
    (("--map", "/nowhere"), TABLE, "cannot read /nowhere"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "table", "says"), WRONG)
def test_a_mistake_is_named_by_column_row_and_field(
    words: tuple[str, ...], table: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(Problem, match=re.escape(says)):
        count(tmp_path, *words, table=table)


def test_what_is_no_name_of_a_signal_is_told_before_rows_are_read(tmp_path: Path) -> None:
    with pytest.raises(click.BadParameter, match="'A b' is not a signal name"):
        count(tmp_path, "--signal", "A b", "--column", "age")


WRONG_MAPS = [
    ("[]", "SIGNAL: {column: NAME} is wanted"),
    ("A b: c", "A b: not the name of a signal"),
    ("age: {edges: [1]}", "age.column: the name of a column is wanted"),
    ("age: {column: age, edgs: [1]}", "age.edgs: there is no such field"),
    ("age: {column: age, edges: 1}", "age.edges: a list of numbers is wanted"),
    ("age: {column: age, edges: []}", "age.edges: finite numbers in ascending order"),
    ("age: {column: age, edges: [1], event: '1'}", "age.event: edges are of a histogram"),
    ("ok: {column: approved, event: true}", "ok.event: write it in quotes"),
    ("age: {", "cannot read"),
]


@pytest.mark.parametrize(("text", "says"), WRONG_MAPS)
def test_a_mistake_in_the_map_is_named_by_its_field(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(text)

    with pytest.raises(Problem, match=re.escape(says)):
        count(tmp_path, "--map", str(tmp_path / "map.yaml"))


@pytest.fixture
def serving(stage: Stage, tmp_path: Path) -> Stage:
    """A model whose version 8 serves, and the template of a histogram."""
    stage.model()
    stage.status("guarding")
    stage.record("8", Standing.KNOWN_GOOD)
    spec = {"histogram": {"buckets": "model_feature_bucket"}}
    body = {"apiVersion": "knowngood.dev/v1alpha1", "kind": "ClusterSignalTemplate"}
    template = {**body, "metadata": {"name": "age"}, "spec": spec}
    stage.kubectl("apply", "-f", "-", stdin=json.dumps(template))
    (tmp_path / "rows.csv").write_text(TABLE)
    return stage


def test_it_is_handed_in_as_a_command_that_names_its_data(serving: Stage, tmp_path: Path) -> None:
    words = ("loan", "8", str(tmp_path / "rows.csv"), *AGE, *serving.place)

    with Running("baseline", "from-csv", *words) as program:
        until(
            lambda: BASELINES_ANNOTATION in serving.live().metadata.annotations,
            "it is handed in",
            deadline_s=30,
        )
        found = serving.live().metadata.annotations
        given = parse(found["knowngood.dev/command"])
        serving.obey("guarding")
        got = program.ends()

    assert isinstance(given, Command)
    assert (given.verb, given.version) == (Verb.REMEMBER, "8")
    assert given.nonce.endswith(f"-{sealed(found[BASELINES_ANNOTATION])}")
    assert (got.code, got.err) == (0, "")
    assert got.lines == ["age: 4 requests in 3 bins", "Done: remember 8"]
    assert BASELINES_ANNOTATION not in serving.live().metadata.annotations


def test_a_refusal_is_told_as_the_operator_says_it(serving: Stage, tmp_path: Path) -> None:
    words = ("loan", "5", str(tmp_path / "rows.csv"), *AGE, *serving.place)

    with Running("baseline", "from-csv", *words) as program:
        until(
            lambda: BASELINES_ANNOTATION in serving.live().metadata.annotations,
            "it is handed in",
            deadline_s=30,
        )
        serving.obey("guarding")
        got = program.ends()

    assert got.code == 1
    assert "Refused: version 5 is not recorded" in got.lines[-1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--signal", "age", "--column", "class"), "of the kind histogram: it needs edges"),
        (("--signal", "aeg", "--column", "class"), "there is no ClusterSignalTemplate aeg"),
    ],
)
def test_nothing_is_handed_in_for_a_signal_that_counts_in_another_way(
    words: tuple[str, ...], says: str, serving: Stage, tmp_path: Path
) -> None:
    got = call(
        "baseline", "from-csv", "loan", "8", str(tmp_path / "rows.csv"), *words, *serving.place
    )

    assert got.code == 2
    assert says in got.err
    assert "knowngood.dev/command" not in serving.live().metadata.annotations

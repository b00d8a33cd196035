"""`policy lint`, without a cluster: a file is read as people write it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.analysis.seeing import Traffic
from knowngood.api.v1alpha1 import PolicySpec
from knowngood.decisions.linting import Linted, lint
from tests.cli.program import call, run
from tests.control.manifests import a_policy, a_trigger

EXAMPLE = Path(__file__).parents[2] / "examples/loan-approval/policy.yaml"
WINDOW: dict[str, Any] = {"threshold": {"above": "0.05", "window": "5m"}}


def lint_of(*triggers: dict[str, Any], per_hour: float = 480) -> list[Linted]:
    spec = PolicySpec.model_validate(a_policy(triggers=list(triggers))["spec"])
    return list(lint(spec, Traffic(per_hour, 0.1), {}))


def write(path: Path, *triggers: dict[str, Any]) -> str:
    path.write_text(yaml.safe_dump(a_policy(triggers=list(triggers))))
    return str(path)


def test_the_example_has_no_trap() -> None:
    got = run(
        "policy", "lint", str(EXAMPLE), "--per-hour", "3600", "--weight", "25", "--base", "70"
    )

    assert (got.code, got.err) == (0, "")
    for word in ("approval-rate-drop", "sees", "promise", "at 3 600 an hour: "):
        assert word in got.out
    assert max(len(line) for line in got.lines) <= 80


def test_a_trap_ends_it_with_1(tmp_path: Path) -> None:
    got = call("policy", "lint", write(tmp_path / "p.yaml", a_trigger(**WINDOW)))

    assert got.code == 1
    assert "minSamples is 50" in " ".join(got.out.split())
    assert "Guarded=False/Blind" in got.out


WRONG = [
    ({"threshold": {"above": "0.05"}}, "spec.triggers[0].test.threshold: exactly one of window, samples"),
    ({"rate": {"comparedTo": "Limit"}}, "spec.triggers[0].test.rate.above: must be set"),
    ({"rate": {"comparedTo": "Share", "abowe": "1"}}, "spec.triggers[0].test.rate.abowe: there is no such field"),
    ({"disagreement": {"kind": "Any"}}, "spec.triggers[0].test.disagreement.above: must be set"),
    ({"threshold": {"above": "5%", "window": "5m"}}, "spec.triggers[0].test.threshold.above: "),
    ({"proportion": {"direction": "Increase"}}, "spec.triggers[0].test.proportion.comparedTo: "),
]  # fmt: skip


@pytest.mark.parametrize(("test", "words"), WRONG)
def test_what_is_wrong_is_named_by_its_field(
    test: dict[str, Any], words: str, tmp_path: Path
) -> None:
    got = call("policy", "lint", write(tmp_path / "p.yaml", a_trigger(**test)))

    assert got.code == 2
    assert words in got.err
    assert len(got.err.splitlines()) == 1


@pytest.mark.parametrize(
    "text", ["", "a: [", "kind: Pod", "- 1", "kind: IncidentPolicy", "kind: [a]", "\x00"]
)
def test_a_file_that_is_no_policy_is_told_in_a_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text)

    got = call("policy", "lint", str(path))

    assert got.code == 2
    assert len(got.err.splitlines()) == 1
    assert "fault of knowngood" not in got.err


def test_the_budget_is_shared_as_the_operator_shares_it() -> None:
    rate: dict[str, Any] = {"rate": {"comparedTo": "Share"}}
    two = lint_of(a_trigger("a"), a_trigger("b", **rate), a_trigger("c", **WINDOW))

    assert ["0.45 %" in found.promise for found in two] == [True, True, False]


TRAPS = [
    ({"proportion": {"comparedTo": "Stable", "direction": "Increase", "minSamples": 100_000}}, "minSamples 100 000"),
    ({"threshold": {"above": "0.05", "window": "5m", "confidence": "None", "minSamples": 1}}, "plain number"),
]  # fmt: skip


@pytest.mark.parametrize(("test", "words"), TRAPS)
def test_a_trap_is_told(test: dict[str, Any], words: str) -> None:
    (found,) = lint_of(a_trigger(**test))

    assert any(words in text for text in found.traps)


def test_an_effect_is_not_taken_for_a_tolerance() -> None:
    effect = {"comparedTo": "Stable", "direction": "Decrease", "effect": {"atLeast": "5pp"}}
    (found,) = lint_of(a_trigger(proportion=effect))

    assert "no tolerance" in found.notes[0]
    assert found.traps == ()

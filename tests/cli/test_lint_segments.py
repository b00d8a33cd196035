"""`policy lint`: what is seen of a segment, and how long a proof takes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.analysis.power import samples_to_clear
from knowngood.analysis.seeing import Traffic
from knowngood.analysis.wording import about
from knowngood.api.v1alpha1 import ClusterSignalTemplate, PolicySpec
from knowngood.api.v1alpha1.comparisons import Direction
from knowngood.cli.policy import templates_of
from knowngood.cli.problems import Asked, NotThere, Problem, Unreachable
from knowngood.decisions.linting import Linted, lint
from tests.cli.program import call
from tests.control.manifests import a_policy, a_template, a_trigger

SEGMENTS = {"by": "region", "values": ["north", "south", "west"], "minSamples": 100}
RATIO = {"events": "errors_total", "total": "requests_total"}
TEMPLATE = a_template("errors", ratio=RATIO, segments=SEGMENTS)
WHOLE = a_template("errors", ratio=RATIO)
PLAIN = {"comparedTo": "Stable", "direction": "Increase", "minSamples": 50}
CLAIM = {**PLAIN, "nonInferior": {"margin": "2pp"}}


def lint_of(template: dict[str, Any] | None, per_hour: float = 480, **test: Any) -> Linted:
    spec = PolicySpec.model_validate(a_policy(triggers=[a_trigger(**test)])["spec"])
    known = {} if template is None else {"errors": ClusterSignalTemplate.model_validate(template)}
    (found,) = lint(spec, Traffic(per_hour, 0.1), known)
    return found


def lint_file(tmp_path: Path, *documents: dict[str, Any]) -> str:
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump_all(documents))
    got = call("policy", "lint", str(path))
    assert got.err == ""
    return " ".join(got.out.split())


def test_of_a_segment_is_seen_what_its_part_of_requests_and_budget_shows() -> None:
    each = lint_of(TEMPLATE)
    budget = {"perRollout": "0.3%"}  # a third of what the only trigger has
    alone = lint_of(WHOLE, 160, proportion={**PLAIN, "falseAlarms": budget})

    assert (
        each.sees
        == f"of each of 3 segments, if they have a third of the requests each: {alone.sees}"
    )
    assert each.promise == f"{alone.promise}; the same is promised of each of the 3 segments"
    assert each.sees != lint_of(WHOLE).sees


def test_a_segment_is_blind_where_all_requests_together_are_not() -> None:
    test = {"threshold": {"above": "0.05", "window": "10m"}}

    assert not any("Blind" in trap for trap in lint_of(WHOLE, threshold=test["threshold"]).traps)
    found = lint_of(TEMPLATE, threshold=test["threshold"])
    assert "Blind" in found.traps[0]
    assert "minSamples is 100" in found.sees  # the minimum cell of the template


def test_the_minimum_cell_is_noted_with_its_time() -> None:
    (note,) = lint_of(TEMPLATE).notes

    assert "before it has 100 requests of each version" in note
    assert "about 40 minutes" in note


def test_a_file_with_the_template_tells_of_segments(tmp_path: Path) -> None:
    out = lint_file(tmp_path, a_policy(), TEMPLATE)

    assert "of each of 3 segments" in out
    assert "not known" not in out


def test_where_no_template_is_known_it_is_said_that_segments_are_not_counted(
    tmp_path: Path,
) -> None:
    out = lint_file(tmp_path, a_policy())

    assert "the template of signal errors is not known here: its segments, if any, are not" in out
    assert "not known" not in lint_file(tmp_path, a_policy(), WHOLE)


def test_a_template_that_is_wrong_is_told_by_its_field(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    wrong = a_template("errors", ratio=RATIO, segments={**SEGMENTS, "minSamples": 1})
    path.write_text(yaml.safe_dump_all([a_policy(), wrong]))

    got = call("policy", "lint", str(path))

    assert got.code == 2
    assert "ClusterSignalTemplate errors: spec.segments.minSamples: " in got.err


def test_the_time_of_a_proof_is_told() -> None:
    needed = samples_to_clear(NonInferiorRule(Direction.INCREASE, 0.02, 0.95), 0.5, 9.0)
    assert needed is not None
    took = about(3600 * needed / 480)

    assert lint_of(WHOLE).proof == ""
    assert lint_of(WHOLE, proportion=CLAIM).proof == (
        f"that it is not worse by 2 points: {took} at 480 an hour when it is just as good, four times out of five"
    )


def test_without_requests_nothing_is_proved() -> None:
    assert "never" in lint_of(WHOLE, 0, proportion=CLAIM).proof


def test_the_time_of_a_proof_is_shown(tmp_path: Path) -> None:
    out = lint_file(tmp_path, a_policy(triggers=[a_trigger(proportion=CLAIM)]), TEMPLATE)

    assert "proof of each segment that it is not worse" in out
    assert "at 160 an hour" in out


class OnlyTemplates:
    """A cluster that answers a question, or does not."""

    def __init__(self, answer: dict[str, Any] | Problem) -> None:
        self.answer = answer

    def get(self, asked: Asked) -> dict[str, Any]:
        assert (asked.plural, asked.namespace) == ("clustersignaltemplates", "")
        if isinstance(self.answer, Problem):
            raise self.answer
        return self.answer


def test_the_template_of_a_policy_in_the_cluster_is_read_there() -> None:
    spec = PolicySpec.model_validate(a_policy()["spec"])

    assert templates_of(spec, OnlyTemplates(TEMPLATE))["errors"].spec.segments is not None


@pytest.mark.parametrize("answer", [NotThere("there is none"), Problem("you may not")])
def test_a_template_that_cannot_be_read_is_not_known(answer: Problem) -> None:
    assert templates_of(PolicySpec.model_validate(a_policy()["spec"]), OnlyTemplates(answer)) == {}


def test_a_cluster_that_does_not_answer_is_told() -> None:
    with pytest.raises(Unreachable):
        templates_of(
            PolicySpec.model_validate(a_policy()["spec"]), OnlyTemplates(Unreachable("no answer"))
        )

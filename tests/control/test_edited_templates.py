"""Templates that are edited: what was counted under the old one is of another signal."""

from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelDeployment, SignalTemplateSpec, Standing
from knowngood.control.arms import alone
from knowngood.control.evidence import Evidence
from knowngood.control.specs import Unreadable, spec_of
from knowngood.signals.planning import Spec
from tests.control.manifests import a_model
from tests.control.test_watched import a_record
from tests.control.world import World

PLAIN: dict[str, Any] = {
    "source": "default",
    "identity": {"by": "Labels"},
    "ratio": {"events": 'answers_total{outcome="error"}', "total": "answers_total"},
}


def asked(**edited: Any) -> dict[str, Spec]:
    spec = spec_of(SignalTemplateSpec.model_validate({**PLAIN, **edited}))
    assert not isinstance(spec, Unreadable)
    return {"errors": spec}


def evidence() -> Evidence:
    body = a_model()
    body["metadata"]["uid"] = "u1"
    model = AIModelDeployment.model_validate(body)
    return Evidence(alone(model, a_record(Standing.PROBATION, 1), World().endpoints, 0.0))


@pytest.mark.parametrize(
    "edited", [{"identity": {"by": "Pod"}}, {"source": "long-term"}], ids=["identity", "source"]
)
def test_what_was_counted_of_others_or_from_elsewhere_is_begun_anew(edited: dict[str, Any]) -> None:
    kept = evidence()
    kept.keep(asked())
    before = kept.ledgers["errors"]

    kept.keep(asked(**edited))

    assert kept.ledgers["errors"] is not before


def test_counts_are_kept_while_the_template_asks_the_same() -> None:
    kept = evidence()
    kept.keep(asked())
    before = kept.ledgers["errors"]

    kept.keep(asked())

    assert kept.ledgers["errors"] is before

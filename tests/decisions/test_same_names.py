"""Two policies may have triggers of the same name: each of them is heard."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import Standing, VerdictKind
from knowngood.decisions.transition import decide
from tests.decisions.holdbacks import held_back, saw
from tests.decisions.situations import a_trigger, programmed

SHARES = {"8": 95, "7": 5}


@pytest.mark.parametrize("kind", [VerdictKind.BREACHED, VerdictKind.NO_DATA])
@pytest.mark.parametrize("place", [0, 1])
def test_a_trigger_hides_nothing_that_one_of_another_policy_with_the_same_name_says(
    kind: VerdictKind, place: int
) -> None:
    triggers = [
        a_trigger(VerdictKind.HEALTHY),
        replace(a_trigger(VerdictKind.HEALTHY), policy_kind="ClusterIncidentPolicy"),
        replace(a_trigger(VerdictKind.HEALTHY), policy="other"),
    ]
    triggers.insert(place, replace(a_trigger(kind), policy="everybody"))
    s = held_back("held back", serving=saw(*triggers), route=programmed(SHARES))

    bad = [Standing.SUSPECT] if kind is VerdictKind.BREACHED else []
    assert [c.standing for c in decide(s).standings if c.version == "8"] == bad

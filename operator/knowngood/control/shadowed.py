"""What is seen of versions that serve beside the one that stands by, which answers copies of the same requests."""

from knowngood.api.v1alpha1 import AIModelDeployment, ComparedTo, JudgedRole
from knowngood.control.arms import Arms, beside
from knowngood.control.copied import Copied, Pair
from knowngood.control.policies import Bound
from knowngood.control.ports import Key


class Shadowed(Copied):
    """Keeps the evidence about all versions that are compared with a shadow."""

    def _bounds(self, key: Key) -> list[Bound]:
        return [b for b in self._guard.bound(key) if is_beside_shadow(b)]

    def _arms(self, model: AIModelDeployment, pair: Pair, since: float) -> Arms:
        return beside(model, *pair, self._endpoints, since)


def is_beside_shadow(bound: Bound) -> bool:
    """Say whether a trigger compares what serves with what stands by."""
    test = bound.trigger.test.proportion
    asked = test is not None and test.compared_to is ComparedTo.SHADOW
    return asked and JudgedRole.STABLE in bound.trigger.roles

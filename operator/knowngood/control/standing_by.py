"""What is seen of versions that stand by, each judged alone by its answers to copies: ready is not right.

The tests are those of the version that serves, against the standby's own limits and baselines. Nobody is sent to a
version that fails them, or of which nothing is known.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, Baseline, JudgedRole
from knowngood.control.arms import Arms, alone
from knowngood.control.copied import Copied, Pair
from knowngood.control.policies import Bound
from knowngood.control.ports import Key
from knowngood.control.reading import Source
from knowngood.control.recorded import Owner, baselines_of, by_owner, owner_of
from knowngood.control.shadowed import is_beside_shadow


class StandingBy(Copied):
    """Keeps the evidence about all versions that stand by and get copies."""

    _records: Mapping[Owner, list[AIModelVersion]] = MappingProxyType({})

    def needs(self, now: float) -> Iterator[Source]:
        """What is to be read in this round."""
        self._records = by_owner(self._store)
        yield from super().needs(now)

    def _bounds(self, key: Key) -> list[Bound]:
        return [
            b
            for b in self._guard.bound(key)
            if JudgedRole.STABLE in b.trigger.roles and not is_beside_shadow(b)
        ]

    def _arms(self, model: AIModelDeployment, pair: Pair, since: float) -> Arms:
        return alone(model, pair[1], self._endpoints, since)

    def _baselines(self, standby: AIModelVersion) -> Mapping[str, Baseline]:
        return baselines_of(self._records.get(owner_of(standby), ()), standby)

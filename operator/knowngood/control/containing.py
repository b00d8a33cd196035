"""A bug that some data bring to light is told of the triggers that met it, and blinds nobody else."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from knowngood.control.evidence import Evidence, fail
from knowngood.control.policies import Bound
from knowngood.control.ports import Key

logger = logging.getLogger(__name__)


@contextmanager
def contained(key: Key, evidence: Evidence, bounds: Sequence[Bound], now: float) -> Iterator[None]:
    """Let what fails in here fail for some triggers of a model alone."""
    try:
        yield
    except Exception:  # a bug that some data bring to light must blind nobody else
        names = ", ".join(bound.trigger.name for bound in bounds)
        logger.exception("judging %s/%s failed (%s)", key.namespace, key.name, names)
        for bound in bounds:
            fail(evidence, bound, now)

"""What the numbers of a trigger were counted from, for people who want to count them again."""

from collections.abc import Mapping

from knowngood.api.v1alpha1 import Trigger, seconds
from knowngood.decisions.trigger_views import Read
from knowngood.signals.planning import Spec
from knowngood.signals.wording import query_words


def read_of(trigger: Trigger, specs: Mapping[str, Spec], since: float, at: float) -> Read | None:
    """Say what was read for a trigger up to an instant; None where its signal can not be read.

    Args:
        trigger: Whose numbers they are.
        specs: How signals are read, by their names.
        since: When the evidence began, unix seconds.
        at: Up to when it was counted, unix seconds.
    """
    name = trigger.signal.name
    spec = specs.get(name)
    if spec is None:
        return None
    window = trigger.test.threshold.window if trigger.test.threshold is not None else None
    return Read(name, query_words(spec), max(since, at - seconds(window)) if window else since)

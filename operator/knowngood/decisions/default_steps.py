"""The steps of a rollout that names none."""

from typing import Final

from knowngood.api.v1alpha1 import Pause, Step

_PAUSE: Final = Pause(duration="10m", min_samples=500)

DEFAULT_STEPS: Final = (
    Step(set_weight=5),
    Step(pause=_PAUSE),
    Step(set_weight=25),
    Step(pause=_PAUSE),
    Step(set_weight=50),
    Step(pause=_PAUSE),
)

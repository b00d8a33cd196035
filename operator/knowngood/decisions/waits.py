"""What each wait of a rollout means, in a few words for a condition."""

from collections.abc import Mapping
from typing import Final

from knowngood.api.v1alpha1 import WaitingFor

WAITS: Final[Mapping[WaitingFor, str]] = {
    WaitingFor.NONE: "",
    WaitingFor.PODS: "waits for its pods to be ready",
    WaitingFor.ROUTE: "waits for the gateway to take the weights over",
    WaitingFor.GATEWAY: "waits until it is known whether the gateway can mirror",
    WaitingFor.TIME: "pauses",
    WaitingFor.SAMPLES: "waits for more requests to judge by",
    WaitingFor.PROOF: "waits until it is shown not to be worse",
    WaitingFor.VERDICT: "waits: a trigger that is a gate is breached",
    WaitingFor.PERSON: "waits for a person: annotate the model with the promote command",
    WaitingFor.DATA: "waits for its signals to be readable again",
    WaitingFor.THAW: "waits: its rollout is frozen",
    WaitingFor.RESUME: "waits: a person has paused it, and can resume it",
}
"""It follows the name of the version."""

"""The status of a pod, from what its containers do."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from e2e.node.api import Json


@dataclass(slots=True)
class ContainerStatus:
    """What is known of one container; `state` and `last` are in the API's own shape."""

    name: str
    image: str
    image_id: str = ""
    ready: bool = False
    started: bool = False
    restarts: int = 0
    state: Json = field(default_factory=lambda: {"waiting": {"reason": "ContainerCreating"}})
    last: Json = field(default_factory=dict)

    def as_json(self) -> Json:
        """Return it as `containerStatuses` has it."""
        return {
            "name": self.name,
            "image": self.image,
            "imageID": self.image_id,
            "ready": self.ready,
            "started": self.started,
            "restartCount": self.restarts,
            "state": self.state,
            "lastState": self.last,
        }


@dataclass(frozen=True, slots=True)
class PodFacts:
    """What a status tells beside the containers."""

    address: str
    host: str
    started_at: str


def pod_status(
    containers: Sequence[ContainerStatus], facts: PodFacts | None, restart_policy: str
) -> Json:
    """Return the status without the times of its conditions' transitions."""
    phase = _phase(containers, restart_policy)
    ready = phase == "Running" and all(c.ready for c in containers)
    reason = {"reason": "PodCompleted"} if phase == "Succeeded" else {}
    truths = {
        "PodScheduled": True,
        "PodReadyToStartContainers": facts is not None,
        "Initialized": True,
        "ContainersReady": ready,
        "Ready": ready,
    }
    status: Json = {
        "phase": phase,
        "conditions": [
            {"type": kind, "status": str(truth), **({} if truth else reason)}
            for kind, truth in truths.items()
        ],
        "containerStatuses": [c.as_json() for c in containers],
    }
    if facts is not None:
        status["podIP"], status["hostIP"] = facts.address, facts.host
        status["podIPs"], status["hostIPs"] = [{"ip": facts.address}], [{"ip": facts.host}]
        status["startTime"] = facts.started_at
    return status


def terminated(code: int, started_at: str, finished_at: str) -> Json:
    """Return the state of a container that ended with an exit code (128 + n: by signal n)."""
    return {
        "terminated": {
            "exitCode": code,
            "reason": "Completed" if code == 0 else "Error",
            "startedAt": started_at,
            "finishedAt": finished_at,
        }
    }


def _phase(containers: Sequence[ContainerStatus], restart_policy: str) -> str:
    ends = [c.state.get("terminated") for c in containers]
    if all(ends):
        failed = any(end["exitCode"] for end in ends if end)
        if restart_policy == "Never" or (restart_policy == "OnFailure" and not failed):
            return "Failed" if failed else "Succeeded"
    begun = all("running" in c.state or "terminated" in c.state or c.last for c in containers)
    return "Running" if begun else "Pending"

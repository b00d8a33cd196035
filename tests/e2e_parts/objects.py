"""Objects of a model, as kubectl prints them."""

from typing import Any


def model(**status: Any) -> dict[str, Any]:
    return {"kind": "AIModelDeployment", "metadata": {"name": "loan"}, "status": status}


def event(reason: str, at: str, **more: Any) -> dict[str, Any]:
    about = {"kind": "AIModelDeployment", "name": "loan"}
    return {
        "kind": "Event",
        "metadata": {"name": f"loan.{reason}"},
        "involvedObject": about,
        "reason": reason,
        "message": f"{reason} it is",
        "eventTime": at,
        "type": "Normal",
        **more,
    }


def incident(**status: Any) -> dict[str, Any]:
    return {"kind": "Incident", "metadata": {"name": "loan-1"}, "status": status}


ROLLING = model(
    phase="Paused",
    versions={"desired": "2", "stable": "1", "canary": "2"},
    rollout={"version": "2", "step": 1, "steps": 6, "waitingFor": "Time"},
    traffic={"backends": [{"version": "1", "weight": 90}, {"version": "2", "weight": 10}]},
    incidentRef={"name": "loan-1"},
)

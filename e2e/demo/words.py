"""How the demo writes numbers, times and phases."""

from datetime import datetime

from e2e.demo.observation import Observation


def percent(share: float | None) -> str:
    """Write a share as people do: `49.4 %`, or a dash."""
    return "-" if share is None else f"{share * 100:.1f} %"


def clock_time(time: datetime) -> str:
    """Write a time of the day on this machine, to the second."""
    return time.astimezone().strftime("%H:%M:%S")


def standing(model: Observation) -> str:
    """Say how far a model is, where its phase alone would not tell a newcomer."""
    if not model.known:
        return "there is no such model: not applied yet, or deleted"
    said = {
        "Probation": f"version {model.stable} answers all requests; no rollout now",
        "RollingBack": f"the requests of version {model.canary} go back to version {model.stable}",
        "RolledBack": f"version {model.stable} answers all requests again",
        "Terminating": "the model is being deleted",
    }
    if model.phase in said:
        return said[model.phase]
    if model.canary:
        return _step(model)
    return "" if model.stable else "the first version starts"


def _step(model: Observation) -> str:
    line = f"version {model.canary}: step {min(model.step + 1, model.steps)} of {model.steps}"
    waits = model.waiting_for not in {"", "None"}
    return f"{line}, waits for {model.waiting_for.lower()}" if waits else line

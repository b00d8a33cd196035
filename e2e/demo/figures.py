"""The numbers on the screen: what clients got in the last seconds, version by version."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from e2e.demo.observation import Observation
from e2e.load import Ledger, Tally

WINDOW_S: Final = 10.0
SAFE_PATH: Final = "safe-path"
"""How the safe path is called where shares are named by version; its own answers name none."""


@dataclass(frozen=True, slots=True)
class VersionFigures:
    """One version.

    Attributes:
        role: Stable, Canary, or nothing.
        wanted: Share of the requests that it should get, in percent; None without one.
        share: Share of the answers that it gave.
        tally: Its answers.
    """

    version: str
    role: str
    wanted: int | None
    share: float
    tally: Tally


def figures(ledger: Ledger, model: Observation, now: float) -> Sequence[VersionFigures]:
    """Return the figures of every version that answered, or should have, up to `now`."""
    tallies = ledger.tallies(now - WINDOW_S, now)
    by_people = sum(a.ok and not a.version for a in ledger.answers(now - WINDOW_S, now))
    if by_people:
        tallies[SAFE_PATH] = Tally(answers=by_people)
    total = sum(tally.answers for tally in tallies.values())
    weights = model.weights or {}
    rows = []
    for version in sorted({*tallies, *weights}):
        tally = tallies.get(version, Tally())
        share = tally.answers / total if total else 0.0
        rows.append(
            VersionFigures(version, _role(model, version), weights.get(version), share, tally)
        )
    return rows


def _role(model: Observation, version: str) -> str:
    return {model.canary: "Canary", model.stable: "Stable"}.get(version, "")

"""What the operator's triggers say now, read from its metrics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

QUERY: Final = '{{__name__=~"knowngood_(verdict|signal_share|canary_samples)", model="{model}"}}'
"""Asks Prometheus for everything that `judgements` reads."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One trigger.

    Attributes:
        kind: Healthy, Breached, Inconclusive, NoData or ObserverError.
        canary: Share of events in the canary's requests; None if there are none.
        stable: The same for the stable version.
        samples: Requests of the canary that were judged.
    """

    trigger: str
    kind: str
    canary: float | None = None
    stable: float | None = None
    samples: int = 0


def judgements(series: Iterable[Mapping[str, Any]]) -> Sequence[Judgement]:
    """Read the answer to `QUERY`: one judgement per trigger, by name."""
    verdicts: dict[str, str] = {}
    shares: dict[tuple[str, str], float] = {}
    samples: dict[str, int] = {}
    for one in series:
        labels, value = one["metric"], float(one["value"][1])
        trigger = labels["trigger"]
        match labels["__name__"]:
            case "knowngood_verdict" if value == 1:
                verdicts[trigger] = labels["kind"]
            case "knowngood_signal_share":
                shares[trigger, labels["role"]] = value
            case "knowngood_canary_samples":
                samples[trigger] = int(value)
            case _:
                pass  # the verdicts that it does not say
    return [
        Judgement(
            trigger,
            kind,
            shares.get((trigger, "Canary")),
            shares.get((trigger, "Stable")),
            samples.get(trigger, 0),
        )
        for trigger, kind in sorted(verdicts.items())
    ]

"""How far requests depend on each other, as it is written down and told."""

from knowngood.analysis.design_effect import HOURS, DesignEffect
from knowngood.api.v1alpha1.epochs import Basis, FixedEffect

_MOSTLY = 0.6
_LARGEST = 999.0
_LONGEST = 2048  # of a text in a status
_CLEARLY = 1.5  # below, chance may have made one pod stand out

_NOTHING_TO_COMPARE = (
    f"nothing to compare yet: it takes two pods over six of the last {HOURS} whole hours"
)


def fixed(signal: str, version: str, found: DesignEffect) -> FixedEffect:
    """What was measured.

    Args:
        signal: Name of the signal.
        version: Whose pods were compared.
        found: What came of it.
    """
    if found.estimate is None:
        return assumed(signal, _NOTHING_TO_COMPARE)
    value = f"{min(_LARGEST, found.value):.3g}"
    words = f"{value} requests count as one: so much do the pods of version {version} differ over {HOURS} whole hours"
    outlier = found.outlier if _stands_out(found) else None
    if outlier:
        part = f"{100 * found.outlier_part:.0f} %"
        words += f"; {part} of it is pod {outlier} alone, so rather look at that pod: it hides harm"
    estimate = f"{found.estimate:.3g}"
    return FixedEffect(
        signal=signal,
        value=value,
        basis=Basis.PODS,
        estimate=estimate,
        outlier=outlier,
        message=words,
    )


def assumed(signal: str, why: str) -> FixedEffect:
    """Nothing could be measured."""
    words = f"requests are taken to be independent: {why}"[:_LONGEST]
    return FixedEffect(signal=signal, value="1", basis=Basis.ASSUMED, message=words)


def value_of(written: FixedEffect) -> float:
    """The number that is written; 1 where it is none, and the largest where it is beyond that."""
    try:
        value = float(written.value)
    except ValueError:
        return 1.0
    return min(value, _LARGEST) if value >= 1 else 1.0


def _stands_out(found: DesignEffect) -> bool:
    clearly = found.estimate is not None and found.estimate >= _CLEARLY
    return clearly and found.outlier_part >= _MOSTLY

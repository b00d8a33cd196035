"""Strings with a meaning: durations, percentages, names; and how to read them."""

import re
from typing import Annotated, Final

from pydantic import Field

from knowngood.api.hints import DURATION_PATTERN, cel, checked

Duration = Annotated[str, Field(pattern=DURATION_PATTERN, max_length=32)]
"""A span of time as GEP-2257 writes it: `90s`, `1h30m`."""

VersionName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,38}[A-Za-z0-9])?$", max_length=40)
]
"""The name of a model version; it becomes a label of pods and of metrics."""

Rarity = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}(d|y)$", max_length=5)]
"""How rarely something may happen: `30d`, `10y`. A year has 365.25 days."""

_NOT_ZERO = cel("self.matches('[1-9]')", "must be above zero")

Points = Annotated[str, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,6})?pp$", max_length=16)]
"""A difference of two shares in percentage points: `2pp`."""

PositivePoints = Annotated[Points, checked(_NOT_ZERO)]
"""Percentage points above zero."""

PositivePercent = Annotated[
    str, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,6})?%$", max_length=16), checked(_NOT_ZERO)
]
"""A share in percent, above 0 and below 100: `1%`."""

Decimal = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$", max_length=32)]
"""A decimal number as a string, so that it is compared and stored exactly."""

_EFFECT = r"[1-9][0-9]{0,2}(\.[0-9]{1,3})?"
DeclaredEffect = Annotated[str, Field(pattern=rf"^{_EFFECT}$", max_length=16)]
"""How many requests count as one: a number from 1 to below 1000."""

DesignEffect = Annotated[str, Field(pattern=rf"^(Auto|{_EFFECT})$", max_length=16)]
"""Likewise, or Auto: it is measured."""

Confidence = Annotated[str, Field(pattern=r"^([5-9][0-9](\.[0-9]{1,4})?%|None)$", max_length=16)]
"""How sure a threshold has to be: from `50%` up to below 100 %, or `None` to compare the plain
number."""

Certainty = Annotated[str, Field(pattern=r"^[5-9][0-9](\.[0-9]{1,4})?%$", max_length=16)]
"""How sure something has to be shown: from `50%` up to below 100 %."""

Number = Annotated[str, Field(max_length=32)]
"""A number that was computed, as a string."""

ObjectName = Annotated[
    str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$", max_length=253)
]
"""The name of a Kubernetes object."""

ServiceName = Annotated[str, Field(pattern=r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", max_length=63)]
"""The name of a Service."""

DnsLabel = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", max_length=63)]
"""A DNS label: the name of a namespace, and of entries in our lists."""

PortNumber = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""

Digest = Annotated[str, Field(max_length=128)]
"""A digest with its scheme: `v1:sha256:...`."""

Uid = Annotated[str, Field(min_length=1, max_length=64)]
"""A `metadata.uid`."""

Text = Annotated[str, Field(max_length=2048)]
"""Words for people."""

Word = Annotated[str, Field(max_length=64)]
"""One word for machines."""

Person = Annotated[str, Field(min_length=1, max_length=253)]
"""A user name, as the API server knows it."""

_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_MINUTES: Final = {"d": 24 * 60.0, "y": 365.25 * 24 * 60.0}
_PART: Final = re.compile(r"([0-9]{1,5})(h|ms|m|s)")
HeaderName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_|~-]+$", min_length=1, max_length=64),
]


def seconds(duration: str) -> float:
    """Read a duration.

    Args:
        duration: GEP-2257: `10m`, `1h30m`, `500ms`.

    Raises:
        ValueError: It is not one.
    """
    if re.fullmatch(DURATION_PATTERN, duration) is None:
        raise ValueError(f"{duration!r} is not a duration like 90s or 1h30m")
    return sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(duration))


def rarity_minutes(text: str) -> float:
    """Read a rarity as minutes: `1d` is 1440.

    Raises:
        ValueError: It is not a whole number of days or years, from 1 to 9999.
    """
    if re.fullmatch(r"[1-9][0-9]{0,3}[dy]", text) is None:
        raise ValueError(f"{text!r} is not a number of days or years like 30d or 10y")
    return int(text[:-1]) * _MINUTES[text[-1]]


def points(text: str) -> float:
    """Read percentage points as a fraction: `2pp` is 0.02.

    Raises:
        ValueError: It is not a number with `pp` behind it.
    """
    return _hundredth(text, "pp")


def percent(text: str) -> float:
    """Read a percentage as a fraction: `1%` is 0.01.

    Raises:
        ValueError: It is not a number with `%` behind it.
    """
    return _hundredth(text, "%")


def _hundredth(text: str, unit: str) -> float:
    if re.fullmatch(rf"[0-9]{{1,2}}(\.[0-9]{{1,6}})?{unit}", text) is None:
        raise ValueError(f"{text!r} is not a number followed by {unit}")
    return float(text.removesuffix(unit)) / 100

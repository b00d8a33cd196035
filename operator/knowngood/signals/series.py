"""Answers of a Prometheus-compatible source as frozen values: errors in the data stay data."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from knowngood.errors import ObserverError

ROUNDED: Final = 1.0
"""Seconds that a sample may be later than it was asked for: a source may round times, at most to whole seconds."""


class MalformedAnswer(ObserverError):
    """The source answered with something that is not what was asked for; the text says where."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """Where a series was scraped, from the labels that the scraper attached."""

    namespace: str
    pod: str


@dataclass(frozen=True, slots=True)
class RawSeries:
    """The raw samples of one series.

    Attributes:
        labels: All labels, the name of the metric among them as `__name__`.
        samples: (unix seconds, value), times strictly ascending, values finite.
    """

    labels: Mapping[str, str]
    samples: tuple[tuple[float, float], ...]

    @property
    def target(self) -> Target | None:
        """Who was scraped; None without both a `namespace` and a `pod` label."""
        return target_of(self.labels)


def target_of(labels: Mapping[str, str]) -> Target | None:
    """The target that a series belongs to; None when its labels do not say."""
    namespace, pod = labels.get("namespace"), labels.get("pod")
    return Target(namespace, pod) if namespace and pod else None


class Sampled(Protocol):
    """A series of whatever samples, each with its time in front."""

    @property
    def samples(self) -> Sequence[tuple[float, Any]]:
        """In order of time."""
        ...


def scraped_from(series: Iterable[Sampled]) -> float | None:
    """The instant since when the scraper was evidently at work: some series had two samples.

    A target of the same scrape interval that is first seen later than this is a new one: had it
    been there, it would have been scraped before. None when no series has two samples.
    """
    return min((one.samples[1][0] for one in series if len(one.samples) > 1), default=None)


def parse_matrix(result: object) -> tuple[RawSeries, ...]:
    """Read the `result` of a range selector.

    A single value that cannot count (NaN, which also marks the end of a series, and infinities) is
    dropped with its sample, because one odd pod must not blind everybody. A wrong shape is refused
    as a whole, because it says that the source is not what we take it for. A series left without
    samples is dropped.

    Args:
        result: JSON: `[{"metric": {label: value}, "values": [[unix seconds, "value"], …]}, …]`.

    Raises:
        MalformedAnswer: On any other shape, native histograms, and times that do not ascend.
    """
    parsed = (_matrix_entry(entry, index) for index, entry in enumerate(entries_of(result)))
    return tuple(series for series in parsed if series.samples)


def refuse_later(at: float, series: Iterable[Sampled]) -> None:
    """Refuse the answer to a range selector at an instant (unix seconds) that has samples later than that.

    They are in another unit, or a clock is ahead. Such a sample must not be counted: it would be the newest until its
    time has come, and whatever happens meanwhile would look long known.

    Raises:
        MalformedAnswer: One is later.
    """
    if any(one.samples and one.samples[-1][0] > at + ROUNDED for one in series):
        raise MalformedAnswer(
            "the result has samples later than the instant that was asked for: "
            "they are in no unix seconds, or their clock is ahead"
        )


def parse_vector(result: object) -> tuple[tuple[Mapping[str, str], float], ...]:
    """Read the `result` of an instant query as (labels, value); NaN and infinities are dropped.

    Args:
        result: JSON: `[{"metric": {label: value}, "value": [unix seconds, "value"]}, …]`.

    Raises:
        MalformedAnswer: On any other shape and on native histograms.
    """
    answers: list[tuple[Mapping[str, str], float]] = []
    for index, entry in enumerate(entries_of(result)):
        labels = labels_in(entry, index)
        if "value" not in entry:
            raise MalformedAnswer(
                f"result[{index}] has no value: a plain number per series is wanted"
            )
        _, value = sample_in(entry["value"], index)
        if math.isfinite(value):
            answers.append((labels, value))
    return tuple(answers)


def entries_of(result: object) -> list[Mapping[str, object]]:
    """The series of an answer.

    Raises:
        MalformedAnswer: It is no list of objects.
    """
    if not isinstance(result, list):
        raise MalformedAnswer(f"the result is no list of series but {kind_of(result)}")
    for index, entry in enumerate(result):
        if not isinstance(entry, dict):
            raise MalformedAnswer(f"result[{index}] is no series but {kind_of(entry)}")
    return result


def _matrix_entry(entry: Mapping[str, object], index: int) -> RawSeries:
    labels = labels_in(entry, index)
    values = entry.get("values")
    if not isinstance(values, list):
        what = "a native histogram" if "histograms" in entry else "without values"
        raise MalformedAnswer(f"result[{index}] is {what}: raw samples of a counter are wanted")
    samples: list[tuple[float, float]] = []
    last = -math.inf
    for item in values:
        sample = sample_in(item, index)
        if sample[0] <= last:
            raise MalformedAnswer(f"result[{index}] has times that do not ascend, at {sample[0]}")
        last = sample[0]
        if math.isfinite(sample[1]):
            samples.append(sample)
    return RawSeries(labels, tuple(samples))


def labels_in(entry: Mapping[str, object], index: int) -> Mapping[str, str]:
    """The labels of the series at a place of an answer.

    Raises:
        MalformedAnswer: They are none.
    """
    metric = entry.get("metric")
    if not isinstance(metric, dict):
        raise MalformedAnswer(f"result[{index}].metric is no set of labels but {kind_of(metric)}")
    for name, value in metric.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise MalformedAnswer(f"result[{index}].metric has a label that is no text: {name!r}")
    return metric


def sample_in(item: object, index: int) -> tuple[float, float]:
    """One [unix seconds, "value"] pair; the value may be NaN or infinite.

    Raises:
        MalformedAnswer: It is none.
    """
    match item:
        case [float() | int() as at, str() as text] if not isinstance(at, bool):
            try:
                time, value = float(at), float(text)
            except (ValueError, OverflowError) as error:
                raise MalformedAnswer(f"result[{index}] has a sample that is no number") from error
            if not math.isfinite(time):
                raise MalformedAnswer(f"result[{index}] has a sample at no time: {at}")
            return time, value
        case _:
            raise MalformedAnswer(
                f"result[{index}] has a sample of the wrong shape: {kind_of(item)}"
            )


def kind_of(value: object) -> str:
    """What a value is, for messages."""
    return type(value).__name__

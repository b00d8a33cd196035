"""Whether series are such that what a template asks of them can be counted: labels, edges, kinds of histograms.

What is found out here is for people, and before a canary answers anybody: the ledgers find the same later, each on its
own, and hold.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from knowngood.control.specs import selectors_of
from knowngood.signals.buckets import LE
from knowngood.signals.edges import edge_text, edges_text, parse_edge
from knowngood.signals.planning import (
    AboveSpec,
    CategoriesSpec,
    CountedSpec,
    HistogramSpec,
    RatioSpec,
    Spec,
    ValueSpec,
)
from knowngood.signals.selectors import Selector

SEEN_AT_MOST: Final = 1000
"""Groups that are looked at; enough to see what labels are like."""

EVENTS: Final = "spec.ratio.events"

_MOST_NAMED: Final = 12
_LONGEST_NAME: Final = 60

Found = Sequence[Mapping[str, str]]
"""The labels of an answer."""


class Misfit(NamedTuple):
    """Why series can not be counted as a template asks, and what to do.

    Attributes:
        lacks_label: Whether it helps to know what labels they have.
    """

    words: str
    mend: str
    lacks_label: bool = False

    def told(self, labels: Found) -> str:
        """Say it, with the labels of one of the series if they help."""
        names = sorted({name for one in labels for name in one})
        has = f"; one of them has {_listed(names)}" if names and self.lacks_label else ""
        return f"{self.words}{has}: {self.mend}"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Series must have a label, and one of some values of it.

    Attributes:
        field: Where the template names the label.
        of: The field of the selector.
        label: The label.
        values: One of which some series must have; empty: any will do.
    """

    field: str
    of: str
    selector: Selector
    label: str
    values: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        """What to ask, as PromQL."""
        return grouped((self.label,), self.selector)

    def misfit(self, found: Found) -> Misfit | None:
        """Say why the series can not be told apart; None when they can."""
        values = {value for one in found if (value := one.get(self.label))}
        if not values:
            words = f"{self.field}: no series of {self.of} has the label {self.label}"
            mend = "name a label that the series have, or select those that have it"
            return Misfit(words, mend, lacks_label=True)
        if self.values and values.isdisjoint(self.values):
            words = (
                f"spec.segments.values: in no series of {self.of} is {self.label} one of {', '.join(self.values)}; "
                f"it is one of {_listed(sorted(values))}"
            )
            return Misfit(words, "write the values as the series have them")
        return None

    def doubt(self, found: Found) -> str:
        """Say that only some of the series can be told apart; empty when all can."""
        if all(one.get(self.label) for one in found):
            return ""
        return (
            f"some series of {self.of} have no label {self.label} ({self.field}), and where they are of a version it "
            f'can not be judged: leave them out with {self.label}!=""'
        )


@dataclass(frozen=True, slots=True)
class Bucketed:
    """Series must be the buckets of a classic histogram.

    Attributes:
        of: The field of the selector.
        above: An edge that some of them must have; None: any will do.
    """

    of: str
    selector: Selector
    above: float | None

    @property
    def question(self) -> str:
        """What to ask, as PromQL."""
        return grouped((LE,), self.selector)

    def misfit(self, found: Found) -> Misfit | None:
        """Say why the series are no buckets, or not the right ones; None when they are."""
        edges = {edge for one in found if (edge := parse_edge(one.get(LE, ""))) is not None}
        if not edges:
            words = (
                f"{self.of}: the series are no buckets, as they have no label le that is a number"
            )
            return Misfit(words, _SELECT_BUCKETS, lacks_label=True)
        if self.above is not None and self.above not in edges:
            wanted = f"spec.ratio.above: {edge_text(self.above)}"
            words = f"{wanted} is no edge of {self.of}; its edges are {edges_text(edges)}"
            return Misfit(words, "name one of them")
        if math.inf not in edges:
            words = f'{self.of}: there is no bucket le="+Inf"; the edges are {edges_text(edges)}'
            return Misfit(words, "select it, too")
        return None

    def doubt(self, _: Found) -> str:
        """Nothing: which of the series are of a version is not known here."""
        return ""


@dataclass(frozen=True, slots=True)
class Native:
    """Series must be native histograms, which have no `le`.

    Attributes:
        of: The field of the selector.
    """

    of: str
    selector: Selector

    @property
    def question(self) -> str:
        """What to ask, as PromQL: plain samples have no count, and so no answer."""
        return f"group(histogram_count({self.selector.render()}))"

    def misfit(self, found: Found) -> Misfit | None:
        """Say that the series are something else; None when some are what they should be."""
        if found:
            return None
        words = (
            f"{self.of}: the series are no native histograms, and are read as such because the name does not end in "
            "_bucket"
        )
        return Misfit(words, _SELECT_BUCKETS, lacks_label=True)

    def doubt(self, _: Found) -> str:
        """Nothing."""
        return ""


Trait = Labelled | Bucketed | Native
"""Something that selected series must be like."""

_SELECT_BUCKETS: Final = "select the buckets of a histogram by their name, NAME_bucket"


def traits_of(spec: Spec) -> Iterator[Trait]:
    """What the series must be like that a template selects."""
    if isinstance(spec, ValueSpec):
        return
    yield from _of_form(spec)
    if spec.segments is not None:
        for field, selector in selectors_of(spec).items():
            # Events may have been in other segments than the ones that are named.
            values = () if field == EVENTS else spec.segments.values
            yield Labelled("spec.segments.by", field, selector, spec.segments.by, values)


def _of_form(spec: CountedSpec) -> Iterator[Trait]:
    match spec:
        case AboveSpec(buckets, above):
            of = "spec.ratio.histogram"
            yield Native(of, buckets) if spec.is_native else Bucketed(of, buckets, above)
        case HistogramSpec(buckets):
            of = "spec.histogram.buckets"
            yield Native(of, buckets) if spec.is_native else Bucketed(of, buckets, None)
        case CategoriesSpec(counts, by):
            yield Labelled("spec.categories.by", "spec.categories.counts", counts, by)
        case RatioSpec():
            pass


def grouped(labels: Sequence[str], selector: Selector) -> str:
    """PromQL for one series of each combination of labels, however many series there are."""
    return f"topk({SEEN_AT_MOST}, group by ({', '.join(labels)}) ({selector.render()}))"


def labels_of(selector: Selector) -> str:
    """PromQL for the labels of one series."""
    return f"topk(1, group without ({LE}) ({selector.render()}))"


def _listed(names: Sequence[str]) -> str:
    shown = [n if len(n) <= _LONGEST_NAME else f"{n[:_LONGEST_NAME]}…" for n in names[:_MOST_NAMED]]
    more = len(names) - _MOST_NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")

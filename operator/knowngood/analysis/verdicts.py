"""What a test says, with the numbers behind it."""

from dataclasses import dataclass
from enum import StrEnum

from knowngood.api.v1alpha1.shared import VerdictKind


class Finding(StrEnum):
    """Why a verdict is what it is, in one word."""

    NOT_LOOKED = "NotLooked"
    REPLAYING = "Replaying"
    NO_FRESH_SAMPLE = "NoFreshSample"
    NOTHING_TO_COMPARE = "NothingToCompare"
    PODS_MISSING = "PodsMissing"
    TOO_FEW_SAMPLES = "TooFewSamples"
    TOO_FEW_EVENTS = "TooFewEvents"
    EFFECT_TOO_SMALL = "EffectTooSmall"
    DIFFERENCE_PROVED = "DifferenceProved"
    DIFFERENCE_NOT_PROVED = "DifferenceNotProved"
    NO_DIFFERENCE_SHOWN = "NoDifferenceShown"
    NOT_PROVED = "NotProved"
    NON_INFERIOR = "NonInferior"
    LIMIT_CROSSED = "LimitCrossed"
    LIMIT_CROSSED_BRIEFLY = "LimitCrossedBriefly"
    WITHIN_LIMIT = "WithinLimit"
    NO_SAMPLE_SIZE = "NoSampleSize"
    RATE_TOO_HIGH = "RateTooHigh"
    SHARE_NOT_KNOWN = "ShareNotKnown"
    SHARE_MISMATCH = "ShareMismatch"
    CHANGE_PROVED = "ChangeProved"
    CHANGE_NOT_YET_LARGE = "ChangeNotYetLarge"
    NO_CHANGE_SHOWN = "NoChangeShown"
    BASELINE_TOO_SMALL = "BaselineTooSmall"
    TOLERANCE_TOO_LARGE = "ToleranceTooLarge"


@dataclass(frozen=True, slots=True)
class BinShift:
    """How one bin of a distribution has moved.

    Attributes:
        label: Of the bin: `0.9-1.0`, or a category.
        before: Its share on the side that is compared with, as a fraction.
        after: Its share in the judged version.
    """

    label: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers behind a verdict.

    Attributes:
        statistic: What was compared with `limit`: an e-value, a share (its bound), or a value.
        limit: The value at which the test is crossed.
        samples: Requests that the judged version answered, as far as they were tested.
        events: Those of them that showed the event.
        reference_samples: Requests of the version compared with.
        reference_events: Those of them that showed the event.
        estimate: The judged version's share, or the value itself; None without samples.
        reference_estimate: The share of the version compared with.
        effect: How much higher the judged share is, as a fraction (Mantel-Haenszel over blocks, so
            that a change of weights does not pass for a difference). Of a distribution: its distance
            beyond chance.
        onset: When the harm began, as estimated; unix seconds.
        crossed_at: When the test was first crossed; unix seconds.
        guarantee: What is promised about false alarms, in words.
        moved: Of a distribution, the bins that moved most; the largest move first.
    """

    statistic: float
    limit: float
    samples: int
    events: int
    reference_samples: int
    reference_events: int
    estimate: float | None
    reference_estimate: float | None
    effect: float | None
    onset: float | None
    crossed_at: float | None
    guarantee: str
    moved: tuple[BinShift, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the judged version is shown not to be worse by a margin.

    Attributes:
        margin: The difference that would be too much, as a fraction.
        confidence: How sure it has to be.
        statistic: The evidence, an e-value.
        limit: The evidence that is needed.
        shown_at: When it was first shown, unix seconds; it stays. None: not yet.
        lowest: The lowest difference of the shares that is possible still, as a fraction; None: not known.
        highest: The highest one; None: not known.
        guarantee: What is promised about versions that are worse, in words.
    """

    margin: float
    confidence: float
    statistic: float
    limit: float
    shown_at: float | None
    lowest: float | None
    highest: float | None
    guarantee: str


@dataclass(frozen=True, slots=True)
class SegmentFound:
    """What a test says of one segment that is large enough to be told of.

    Attributes:
        segment: The value of the label.
        kind: The five-valued answer.
        evidence: The numbers; None when there are none.
    """

    segment: str
    kind: VerdictKind
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a test says of a version.

    Attributes:
        kind: The five-valued answer.
        reason: One word for it: a `Finding`, or a word of whoever could not read the signal.
        message: One sentence for a platform engineer, with numbers.
        at: When it was said, unix seconds.
        evidence: The numbers; None when there are none.
        reference: What the same rule says of the stable version (thresholds only): when both are
            bad, the new version is not the cause.
        proof: What is shown of what the promotion asks for; None when it asks for nothing, or nothing is known.
        segments: What it says of each segment that is large enough; empty where the signal has none.
        named: Segments that have changed, the one with the most evidence first: for people, never a reason to act.
    """

    kind: VerdictKind
    reason: str
    message: str
    at: float
    evidence: Evidence | None = None
    reference: "Verdict | None" = None
    proof: Proof | None = None
    segments: tuple[SegmentFound, ...] = ()
    named: tuple[str, ...] = ()

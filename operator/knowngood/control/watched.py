"""One version that answers everybody: what is kept of it between rounds."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import floor
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    Baseline,
    Holdback,
    Probation,
    Standing,
    Trigger,
    VerdictKind,
    seconds,
)
from knowngood.control.arms import Span
from knowngood.control.covering import Cover
from knowngood.control.evidence import Evidence, Identity, view
from knowngood.control.freezing import frozen
from knowngood.control.guard import Guard
from knowngood.control.policies import Bound
from knowngood.control.reading import Source, slot_of
from knowngood.decisions.serving import Covered
from knowngood.decisions.trigger_views import TriggerView
from knowngood.signals.planning import Need
from knowngood.signals.segments import parts_of, requests_of

MEMORY: Final = 3600
"""Seconds that a new leader reads of a version that has passed its probation, where no trigger looks further back."""

EVERY: Final = 10
"""Seconds between two reads of a version at rest, on an absolute grid, so that all models share them."""

LONGEST_PROBATION: Final = 8 * 86400
"""Seconds of a probation that are read and kept: one day more than the longest that can be asked for."""


@dataclass(slots=True)
class Watched:
    """One version that answers everybody.

    Attributes:
        epoch: What its evidence belongs to: anything else starts anew.
        evidence: Counts, tests and verdicts.
        covers: What was seen of each signal; one for each of its segments.
        due: When it is read again, unix seconds.
        is_tried: Whether it is in probation.
        late: Signals whose source has not answered yet.
        is_behind: Whether what was before is still to be read: nothing is said of it meanwhile.
    """

    epoch: tuple[object, ...]
    evidence: Evidence
    covers: dict[str, tuple[Cover, ...]] = field(default_factory=dict)
    due: float = 0.0
    is_tried: bool = False
    late: frozenset[str] = frozenset()
    is_behind: bool = True

    @property
    def is_compared(self) -> bool:
        """Whether there is a version beside it."""
        return self.evidence.arms.compared is not None

    def view(self, bound: Bound) -> TriggerView:
        """What a trigger that is asked about it says."""
        return view(bound, self.evidence, self.evidence.arms, self.evidence.specs)

    def says(self) -> dict[Identity, VerdictKind]:
        """What every trigger says, in a word."""
        return {identity: verdict.kind for identity, verdict in self.evidence.verdicts.items()}

    def frozen(self) -> Iterator[Baseline]:
        """What would be remembered of each signal if it were frozen now."""
        version = self.evidence.arms.canary.version
        for name, ledger in self.evidence.ledgers.items():
            found = frozen(name, ledger, version)
            if found is not None:
                yield found

    def answered(self, version: str, signal: str, span: Span) -> int | None:
        """How many answers of a version a signal has counted from one instant to another, unix seconds.

        None of another version, and where it is not counted, was not read so far, or what is kept does not reach back.
        """
        ledger, arms, (since, until) = self.evidence.ledgers.get(signal), self.evidence.arms, span
        if ledger is None or self.is_behind or arms.canary.version != version or arms.since > since:
            return None
        if ledger.settled_until < until:
            return None
        return requests_of(ledger, version, floor(since), until)

    def cover(self) -> None:
        """Note what was seen by now; a signal that is read in another way is seen anew."""
        version, ledgers = self.evidence.arms.canary.version, self.evidence.ledgers
        known = {id(cover.of): cover for covers in self.covers.values() for cover in covers}
        self.covers = {
            name: tuple(known.get(id(part)) or Cover(part) for part in parts_of(ledger))
            for name, ledger in ledgers.items()
        }
        for name, covers in self.covers.items():
            for part, cover in zip(parts_of(ledgers[name]), covers, strict=True):
                cover.add(part.column(version), part.settled_until)

    def best(self) -> dict[str, Cover]:
        """What was seen of each signal: of its segments, the one with the most requests."""
        return {name: max(covers, key=_extent) for name, covers in self.covers.items()}

    def let_go(self, at: float, seconds_kept: float) -> None:
        """Drop cells that nobody looks at any more; those of a probation are still to be remembered."""
        kept = max(seconds_kept, LONGEST_PROBATION) if self.is_tried else seconds_kept
        version = self.evidence.arms.canary.version
        ledgers = self.evidence.ledgers.values()
        for part in chain.from_iterable(map(parts_of, ledgers)):
            column = part.column(version)
            if column.seconds and column.seconds[0] < at - kept - MEMORY:
                part.forget(at - kept)


def wanted(watched: Watched, bounds: Sequence[Bound], guard: Guard, at: float) -> Iterator[Source]:
    """What is to be read of one version now, for some triggers."""
    evidence = watched.evidence
    templates = guard.readable(b.trigger.signal.name for b in bounds)
    evidence.keep({name: spec for name, (_, spec) in templates.items()})
    evidence.attend(bounds)
    due, behind = at >= watched.due, False
    for name, (template, spec) in templates.items():
        if not due and name not in watched.late:
            continue  # between two reads only what is late is wanted, so that its answer finds who waits for it
        ledger = evidence.ledgers.get(name)
        need = Need(name, spec, ledger.read_from if ledger is not None else None)
        evidence.needs[name] = need
        reach = slot_of(need, at)[1]
        behind |= reach is not None and reach.at < at
        yield Source(template.spec.source, need)
    if due:
        watched.is_behind = behind
        watched.due = at if behind else float((at // EVERY + 1) * EVERY)


def _extent(cover: Cover) -> tuple[int, float]:
    return cover.requests, cover.seen


def epoch_of(
    model: AIModelDeployment, record: AIModelVersion, held: Holdback | None = None
) -> tuple[object, ...]:
    """What the evidence of a version belongs to, or of two: anything else starts anew."""
    status = record.status
    promoted = status.promoted_at if status else None
    by = (held.version, held.evidence_since) if held else promoted
    return model.metadata.uid, record.spec.model.version, record.spec.digest, by, anew_since(model)


def anew_since(model: AIModelDeployment) -> float:
    """Since when what serves is judged anew, as a person has given it the requests back, unix seconds; 0 for never."""
    since = model.status.judged_since if model.status else None
    return since.timestamp() if since else 0.0


def held_of(model: AIModelDeployment) -> Holdback | None:
    """Who keeps a share of the requests while the stable version is in probation."""
    return model.status.holdback if model.status else None


def is_over(model: AIModelDeployment, watched: Watched) -> bool:
    """Whether a version in probation was seen and asked enough: to reckon its baselines takes a while."""
    rollout = model.spec.rollout
    asked = rollout.probation if rollout else Probation()
    covers = watched.best().values()
    seen = min((cover.seen for cover in covers), default=0.0)
    requests = max((cover.requests for cover in covers), default=0)
    return watched.is_tried and seen >= seconds(asked.duration) and requests >= asked.min_decisions


def good_since(record: AIModelVersion) -> float:
    """When a version was called known good, unix seconds; 0 where it never was."""
    since = record.status.known_good_since if record.status else None
    return since.timestamp() if since else 0.0


def stands(record: AIModelVersion) -> Standing | None:
    """Where a version stands."""
    return record.status.standing if record.status else None


def since_of(
    record: AIModelVersion, bounds: Iterable[Bound], at: float, anew: float = 0.0
) -> float:
    """When evidence begins: with the probation, or not long ago where that is over or takes for ever.

    Args:
        record: Of the version that is judged.
        bounds: The triggers that look at it.
        at: Unix seconds.
        anew: See `anew_since`.
    """
    status = record.status
    promoted = status.promoted_at.timestamp() if status and status.promoted_at else 0.0
    back = memory(b.trigger for b in bounds)
    if stands(record) is Standing.PROBATION and promoted:
        back = max(back, LONGEST_PROBATION)
    return max(promoted, anew, float(floor(at / MEMORY) * MEMORY - back))


def compared_since(held: Holdback, at: float) -> float:
    """When the evidence about two versions begins: with their rollout, or with what is still kept of it."""
    kept = float(floor(at / MEMORY) * MEMORY - LONGEST_PROBATION)
    return max(held.evidence_since.timestamp(), kept)


def memory(triggers: Iterable[Trigger]) -> float:
    """Seconds of the past that some triggers look at; an hour at least."""
    tests = [(t.test.proportion, t.test.threshold) for t in triggers]
    offsets = (p.offset for p, _ in tests if p is not None and p.offset is not None)
    windows = (t.window or t.max_age or "12h" for _, t in tests if t is not None)
    return max((MEMORY + seconds(span) for span in (*offsets, *windows)), default=float(MEMORY))


def covered(bound: Bound, watched: Watched, *, judged: bool) -> Covered:
    """What was seen of the signal of a trigger, and whether it judges the version."""
    name = bound.trigger.signal.name
    cover = watched.best().get(name)
    counts = name in watched.evidence.ledgers
    return Covered(
        policy_kind=bound.policy.kind,
        policy=bound.policy.metadata.name,
        trigger=bound.trigger.name,
        counts=counts,
        seen=cover.seen if cover else 0.0,
        requests=cover.requests if cover else 0,
        needed=_needed(bound.trigger),
        judged=judged,
    )


def coverage(
    bounds: Iterable[Bound], watched: Watched, judging: Collection[Identity]
) -> tuple[Covered, ...]:
    """What was seen of the signals of all triggers that act."""
    return tuple(covered(b, watched, judged=b.identity in judging) for b in bounds if b.acts)


def _needed(trigger: Trigger) -> int:
    tests = (trigger.test.proportion, trigger.test.threshold)
    return max((test.min_samples for test in tests if test is not None), default=1)

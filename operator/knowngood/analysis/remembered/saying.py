"""The verdict of a comparison with what is remembered, and its sentence."""

import math
from dataclasses import dataclass

from knowngood.analysis.remembered.cusum import Watch
from knowngood.analysis.remembered.demands import Demands, Need
from knowngood.analysis.remembered.tallies import Tally, TallyWindow
from knowngood.analysis.verdicts import Evidence, Finding, Verdict
from knowngood.analysis.wording import count, instant, missing, percentage, share, span
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.cells import Counts

_LARGEST_LOG = 700.0  # the exponential of more does not fit a float
_YEAR = 365.25 * 24 * 60
_UNITS = ((_YEAR, "years"), (24 * 60.0, "days"), (60.0, "h"))


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, as far as it has come.

    Attributes:
        signal: Name of the signal, for people.
        version: The version that is judged.
        against: What it is compared with, in words: `its baseline`.
        rule: The test.
        watch: The side with the most evidence, or the breached one.
        window: What was seen in the last hour, or over the rule's window.
        reference: Counts of the whole baseline; None: those of the past in the tally.
        at_once: Both answered in the same seconds.
    """

    signal: str
    version: str
    against: str
    rule: Demands
    watch: Watch
    window: TallyWindow
    reference: Counts | None = None
    at_once: bool = False


def breached(compared: Compared, now: float) -> Verdict:
    """The verdict of a test that was crossed; it stays until the epoch ends."""
    rule, watch = compared.rule, compared.watch
    tally = rule.estimated_on(watch, compared.window)
    change = "fall" if watch.falls else "rise"
    message = (
        f"{_measured(compared, tally)}: a {change}{_beyond(rule)}, "
        f"proved: by chance it comes once in {_strength(watch)}, {rarely(rule.limit)} are asked "
        f"for; it began about {instant(watch.best.began)}"
    )
    evidence = _evidence(compared, tally, watch.best.began)
    return Verdict(VerdictKind.BREACHED, Finding.CHANGE_PROVED, message, now, evidence)


def not_breached(compared: Compared, now: float) -> Verdict:
    """The verdict of a test that can be seen and is not breached."""
    rule, watch = compared.rule, compared.watch
    tally, need = compared.window.sums, rule.needed(watch, compared.window)
    evidence, measured = _evidence(compared, tally, None), _measured(compared, tally)
    kind = VerdictKind.INCONCLUSIVE
    if min(tally.total, tally.reference_total) < rule.min_samples:
        few = missing(compared.version, min(tally.total, tally.reference_total), rule.min_samples)
        message = (
            f"{compared.signal}: {few} of the last {span(compared.window.over)} that are needed"
        )
        return Verdict(kind, Finding.TOO_FEW_SAMPLES, message, now, evidence)
    if need is Need.EVENTS:
        message = f"{measured}: worse, but by fewer than {count(rule.min_events)} bad answers"
        return Verdict(kind, Finding.TOO_FEW_EVENTS, message, now, evidence)
    if need is Need.EFFECT:
        message = f"{measured}: changed, but not yet by {_points(rule.smallest_effect)} altogether"
        return Verdict(kind, Finding.CHANGE_NOT_YET_LARGE, message, now, evidence)
    message = (
        f"{measured}: no harm{_beyond(rule)} is shown (what is seen comes "
        f"by chance once in {_strength(watch)}, {rarely(rule.limit)} are asked for)"
    )
    return Verdict(VerdictKind.HEALTHY, Finding.NO_CHANGE_SHOWN, message, now, evidence)


def rarely(minutes: float) -> str:
    """How rarely something happens: `42 min`, `5.3 days`, `50 years`."""
    for length, unit in _UNITS:
        if minutes >= 2 * length:
            return f"{minutes / length:.2g} {unit}" if minutes < 100 * length else _many(minutes)
    return f"{minutes:.2g} min"


def _many(minutes: float) -> str:
    years = minutes / _YEAR
    most = 1_000_000
    if years >= most:
        return "over a million years"
    return f"{count(round(years))} years" if years >= 1 else f"{minutes / 1440:.0f} days"


def _strength(watch: Watch) -> str:
    return rarely(math.exp(min(watch.log_evidence, _LARGEST_LOG)))


def _measured(compared: Compared, tally: Tally) -> str:
    has = f"{compared.signal} of version {compared.version} is {share(Counts(*tally[:2]))}"
    if not tally.reference_total:
        return f"{has}, {compared.against} is not there"
    reference = tally.reference_events / tally.reference_total
    return f"{has} where {compared.against} has {reference:.4g}"


def _evidence(compared: Compared, tally: Tally, began: float | None) -> Evidence:
    rule, reference = compared.rule, compared.reference
    known = tally.reference_total
    return Evidence(
        statistic=math.exp(min(compared.watch.log_evidence, _LARGEST_LOG)),
        limit=rule.limit,
        samples=tally.total,
        events=tally.events,
        reference_samples=reference.total if reference else known,
        reference_events=reference.events if reference else round(tally.reference_events),
        estimate=tally.events / tally.total if tally.total else None,
        reference_estimate=tally.reference_events / known if known else None,
        effect=tally.difference,
        onset=began,
        crossed_at=None,
        guarantee=_guarantee(compared),
    )


def _guarantee(compared: Compared) -> str:
    rule = compared.rule
    counted = "one by one"
    if rule.design_effect > 1:
        counted = f"as if {rule.design_effect:.2g} of them were one"
    return (
        f"while the share is not worse than {compared.against}{_beyond(rule)}, a false alarm comes at most once in "
        f"{rarely(rule.once_in_minutes)} of judged time on average, however often it is looked at; "
        f"requests are taken for independent, {counted}. {_AT_ONCE if compared.at_once else _LATER}"
    )


def _beyond(rule: Demands) -> str:
    return f" by more than {_points(rule.tolerance)}" if rule.tolerance else ""


_LATER = (
    "What changes with the time of day or with "
    "the customers is a change too: this says that something changed, not whose fault it is"
)
_AT_ONCE = (
    "Both answer the same requests in the same seconds, so what changes for both is no difference"
)


def _points(fraction: float) -> str:
    return f"{percentage(fraction).removesuffix(' %')} points"

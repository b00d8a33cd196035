"""The figures for machines, and what was asked of them."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.judge import ours, scenario, summary
from bench.judge.measuring import Case, Kind, Options, Results
from bench.judge.naive import INTERVAL
from bench.judge.summary import Share
from bench.judge.trial import OURS

NAIVE = ("flagger", "argo")


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured."""

    options: Options
    results: Results
    microseconds: Mapping[str, float]

    def cases(self, kind: Kind) -> Iterator[Case]:
        """The cases of a kind, in the order of their numbers."""
        found = (case for case in self.results if case.kind is kind)
        return iter(sorted(found, key=lambda case: case.number))

    def false_alarms(self) -> Mapping[str, Share]:
        """Our false alarms in 24 h, by traffic."""
        return {
            case.plan.name: summary.share(self.results[case], OURS)
            for case in self.cases(Kind.NULL)
        }

    def naive_false_alarms(self) -> Mapping[str, Share]:
        """Those of the naive rules on the plainest traffic, by rule."""
        plainest = next(c for c in self.cases(Kind.NULL) if c.plan == scenario.NULLS[0])
        said = self.results[plainest]
        rules = (name for name in summary.judges(said) if name.startswith(NAIVE))
        return {name: summary.share(said, name) for name in rules}

    def wrongly_shown(self) -> Mapping[str, Share]:
        """How often a canary that is worse by the margin was called non-inferior."""
        return {
            case.plan.name: summary.share(self.results[case], OURS)
            for case in self.cases(Kind.MARGIN)
        }

    def ratio(self, healthy: int) -> float:
        """Samples to detection of 70 -> 60 %, against the fixed-horizon test's."""
        case = next(c for c in self.cases(Kind.HARM) if c.plan.harmed_at == healthy)
        needed = summary.yardstick(case.plan) or math.nan
        return summary.delay(self.results[case], OURS, case.plan).samples / needed

    def pooled(self) -> Share:
        """Our false alarms in 24 h over all traffic."""
        shares = self.false_alarms().values()
        return Share(sum(s.runs for s in shares), sum(s.alarms for s in shares))


def figures(measured: Measured) -> dict[str, Any]:
    """The figures as they are written."""
    fresh, late = scenario.HEALTHY[:2]
    return {
        "promised_per_rollout": ours.ALPHA,
        "false_alarm_24h": _rounded(measured.pooled().share),
        "naive_false_alarm_24h": _rounded(_least(measured.naive_false_alarms())),
        "median_sample_ratio_fresh": _rounded(measured.ratio(fresh)),
        "median_sample_ratio_after_10m": _rounded(measured.ratio(late)),
        "non_inferior_error_at_margin": _rounded(_most(measured.wrongly_shown())),
        "microseconds_per_block": _rounded(measured.microseconds["proportion"], 1),
        "details": {
            "false_alarms_24h": {
                case.plan.name: _shares(measured, case) for case in measured.cases(Kind.NULL)
            },
            "detection": {
                f"{case.plan.name}, after {case.plan.harmed_at} s": _delays(measured, case)
                for case in measured.cases(Kind.HARM)
            },
            "shown_at_the_margin": {
                name: _share(share) for name, share in measured.wrongly_shown().items()
            },
            "microseconds": {n: _rounded(v, 1) for n, v in measured.microseconds.items()},
            "naive_interval_s": INTERVAL,
            "settings": asdict(measured.options),
        },
    }


def missed(measured: Measured) -> Sequence[str]:
    """Say which targets were not met."""
    return [*_alarming(measured), *_slow(measured), *_claiming(measured), *_costly(measured)]


def write(measured: Measured, path: Path) -> None:
    """Write the figures as JSON; what is infinite or was not measured is null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures(measured), indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _alarming(measured: Measured) -> Iterator[str]:
    shares = {**measured.false_alarms(), "all traffic": measured.pooled()}
    for name, share in shares.items():
        if share.over(ours.ALPHA, scenario.SIGMAS):
            yield (
                f"{name}: {share.alarms} false alarms in {share.runs} runs of 24 h, "
                f"{ours.ALPHA:.0%} are promised"
            )
    least, wanted = _least(measured.naive_false_alarms()), scenario.FIVEFOLD * ours.ALPHA
    if least < wanted:
        yield f"a naive rule has false alarms in {least:.1%} of its days, not in {wanted:.0%}"


def _slow(measured: Measured) -> Iterator[str]:
    limits = zip(scenario.HEALTHY, (scenario.MOST_FRESH, scenario.MOST_LATE), strict=False)
    for healthy, most in limits:
        ratio = measured.ratio(healthy)
        if not ratio <= most:
            yield (
                f"70 -> 60 % after {healthy} s of health takes {ratio:.2f} times the samples of "
                f"the fixed-horizon test, at most {most:g} times are wanted"
            )


def _claiming(measured: Measured) -> Iterator[str]:
    bound = 1 - scenario.NON_INFERIOR
    for name, share in measured.wrongly_shown().items():
        if share.over(bound, scenario.SIGMAS):
            yield f"{name}: called non-inferior in {share.share:.1%} of runs, not in {bound:.0%}"


def _costly(measured: Measured) -> Iterator[str]:
    most = scenario.MOST_MICROSECONDS
    for name, took in measured.microseconds.items():
        if took > most:
            yield f"{name}: a block and test takes {took:.0f} microseconds, at most {most:g} are wanted"


def _least(shares: Mapping[str, Share]) -> float:
    return min(share.share for share in shares.values())


def _most(shares: Mapping[str, Share]) -> float:
    return max(share.share for share in shares.values())


def _shares(measured: Measured, case: Case) -> Mapping[str, Any]:
    said = measured.results[case]
    return {judge: _share(summary.share(said, judge)) for judge in summary.judges(said)}


def _share(share: Share) -> Mapping[str, Any]:
    low, high = share.bounds
    return {
        "runs": share.runs,
        "alarms": share.alarms,
        "share": _rounded(share.share),
        "low_95": _rounded(low),
        "high_95": _rounded(high),
    }


def _delays(measured: Measured, case: Case) -> Mapping[str, Any]:
    said, plan = measured.results[case], case.plan
    fixed = {
        "samples_of_the_fixed_test": _rounded(summary.yardstick(plan), 1),
        "samples_of_the_fixed_test_pooled": _rounded(summary.yardstick(plan, pooled=True), 1),
    }
    delays = {judge: summary.delay(said, judge, plan) for judge in summary.judges(said)}
    return fixed | {
        judge: {
            key: _rounded(value) if isinstance(value, float) else value
            for key, value in asdict(delay).items()
            if key != "samples_bounds"
        }
        | {"samples_95": [_rounded(bound) for bound in delay.samples_bounds]}
        for judge, delay in delays.items()
    }


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)

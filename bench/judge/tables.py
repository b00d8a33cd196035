"""The tables for people."""

import math
from collections.abc import Iterator, Sequence

from rich.table import Table

from bench.judge import ours, scenario, summary
from bench.judge.measuring import Case, Kind
from bench.judge.report import Measured
from bench.judge.summary import Delay, Share
from bench.judge.trial import OURS


def tables(measured: Measured) -> Iterator[Table]:
    """All tables, in the order in which they are read."""
    yield _false_alarms(measured)
    for healthy in scenario.HEALTHY:
        yield _detection(measured, healthy)
    yield _margin(measured)
    yield _speed(measured)


def _false_alarms(measured: Measured) -> Table:
    cases = list(measured.cases(Kind.NULL))
    table = Table(
        title=f"False alarms in 24 h without harm: share, its upper bound at 95 % (runs); "
        f"{OURS} promises {ours.ALPHA:.0%}"
    )
    _columns(table, "judge", [case.plan.name for case in cases])
    for judge in summary.judges([said for case in cases for said in measured.results[case]]):
        shares = [summary.share(measured.results[case], judge) for case in cases]
        table.add_row(judge, *(_told(share) for share in shares), style=_style(judge))
    return table


def _detection(measured: Measured, healthy: int) -> Table:
    cases = [c for c in measured.cases(Kind.HARM) if c.plan.harmed_at == healthy]
    when = "from the first request" if not healthy else f"after {healthy // 60} min of health"
    table = Table(
        title=f"Harm {when}: seconds to the alarm, median (95th percentile), "
        "and the canary's requests at the median"
    )
    _columns(table, "judge", [case.plan.name for case in cases])
    for judge in summary.judges([said for case in cases for said in measured.results[case]]):
        delays = [summary.delay(measured.results[case], judge, case.plan) for case in cases]
        table.add_row(judge, *(_late(delay) for delay in delays), style=_style(judge))
    table.add_section()
    table.add_row("fixed-horizon test", *(_needed(case) for case in cases))
    table.add_row(f"{OURS} / fixed", *(_ratio(measured, case) for case in cases))
    return table


def _margin(measured: Measured) -> Table:
    bound = f"at most {1 - scenario.NON_INFERIOR:.0%}"
    table = Table(title="Exactly at the margin: how often it is called non-inferior")
    _columns(table, "canary", [f"called non-inferior, {bound}"])
    for name, share in measured.wrongly_shown().items():
        table.add_row(name, _told(share))
    return table


def _speed(measured: Measured) -> Table:
    table = Table(title="Microseconds for a block and test, median")
    _columns(table, "test", ["microseconds"])
    for name, took in measured.microseconds.items():
        table.add_row(name, f"{took:.1f}")
    return table


def _columns(table: Table, first: str, others: Sequence[str]) -> None:
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")


def _style(judge: str) -> str | None:
    return "bold" if judge == OURS else None


def _told(share: Share) -> str:
    if not share.runs:
        return "-"
    _, high = share.bounds
    return f"{share.share:.1%} <{high:.1%} ({share.runs})"


def _late(delay: Delay) -> str:
    if not delay.runs:
        return "only false alarms" if delay.too_early else "-"
    early = f", {delay.too_early} too early" if delay.too_early else ""
    if math.isinf(delay.median_s):
        return f"missed by {delay.missed} of {delay.runs}{early}"
    p95 = "never" if math.isinf(delay.p95_s) else f"{delay.p95_s:.0f}"
    return f"{delay.median_s:.0f} ({p95}) n={delay.samples:.0f}{early}"


def _needed(case: Case) -> str:
    needed = summary.yardstick(case.plan)
    return "-" if needed is None else f"n={needed:.0f}"


def _ratio(measured: Measured, case: Case) -> str:
    needed = summary.yardstick(case.plan)
    samples = summary.delay(measured.results[case], OURS, case.plan).samples
    return "-" if needed is None else f"{samples / needed:.2f}"

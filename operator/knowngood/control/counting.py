"""Hand what a round has read to the ledgers of a rollout."""

from collections.abc import Callable, Mapping

from knowngood.api.v1alpha1 import IdentityBy
from knowngood.control.evidence import Evidence
from knowngood.control.identities import Identifier
from knowngood.control.reading import Answers
from knowngood.signals.counting import CountLedger
from knowngood.signals.natives import NativeAboveLedger, NativeLedger
from knowngood.signals.planning import QueryKind


def count(
    evidence: Evidence,
    answers: Mapping[str, Answers],
    identity: Callable[[str], IdentityBy],
) -> None:
    """Count what is new of every signal of a rollout.

    Args:
        evidence: Of the rollout.
        answers: What each signal said in this round; one that could not be read is left out, or has an error.
        identity: How the series of a signal tell their version, by its name.
    """
    arms = evidence.arms
    for name, ledger in evidence.ledgers.items():
        answer = answers.get(name)
        if answer is None or answer.error:
            continue
        whose = Identifier(arms, identity(name))
        groups = list(whose.groups())
        if isinstance(ledger, CountLedger):
            ledger.advance(
                answer.of(QueryKind.EVENTS, groups),
                answer.of(QueryKind.TOTAL, groups),
                whose.version_of,
                answer.at,
                target_of=whose.target_of,
                scraped_from=answer.scraped_from,
                closed=answer.at < answer.asked,
            )
        else:
            native = isinstance(ledger, NativeLedger | NativeAboveLedger)
            ledger.advance(
                answer.of(QueryKind.HISTOGRAMS if native else QueryKind.COUNTS, groups),
                whose.version_of,
                answer.at,
                target_of=whose.target_of,
                scraped_from=answer.scraped_from,
                closed=answer.at < answer.asked,
            )
        evidence.dropped[name] = {why: len(series) for why, series in whose.dropped.items()}

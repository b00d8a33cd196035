"""Hand what a round has read to the ledgers of a rollout."""

from collections.abc import Callable, Mapping

from knowngood.api.v1alpha1 import IdentityBy
from knowngood.control.evidence import Evidence
from knowngood.control.identities import Identifier
from knowngood.control.reading import Answers
from knowngood.signals.ledgers import How, advance
from knowngood.signals.segments import SegmentedLedger


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
        read = {kind: answer.of(kind, groups) for kind in answer.series}
        closed, since = answer.at < answer.asked, answer.scraped_from
        how = How(target_of=whose.target_of, scraped_from=since, closed=closed)
        if isinstance(ledger, SegmentedLedger):
            ledger.advance(read, whose.version_of, answer.at, **how)
        else:
            advance(ledger, read, whose.version_of, answer.at, **how)
        evidence.dropped[name] = {why: len(series) for why, series in whose.dropped.items()}

"""Whether the requests of a rollout are split as asked, by the counts of a signal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from knowngood.analysis.judging_events import Question, look_at_split
from knowngood.analysis.mismatch import MismatchState
from knowngood.analysis.splits import Splits, splits_of
from knowngood.api.v1alpha1 import Trigger
from knowngood.control.arms import Arms
from knowngood.control.remembering import Asked
from knowngood.signals.ledgers import ShareLedger


@dataclass(slots=True)
class Splitting:
    """What the counts say about the split; a cache, as all evidence.

    Attributes:
        wrong: What is wrong with the split, by signal; empty where nothing is.
    """

    states: dict[str, MismatchState] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def look(self, asked: Asked, ledger: ShareLedger) -> str:
        """Look at the requests that a signal counts for both versions; what is wrong, or nothing."""
        arms, signal = asked.arms, asked.signal
        question = Question(
            ledger,
            signal,
            arms.canary.version,
            arms.compared.version if arms.compared else None,
            asked.now,
            asked.expected,
            splits_of(arms.given) if arms.given else None,
        )
        state, wrong = look_at_split(self.states.get(signal), question, arms.horizon)
        self.states[signal] = state
        self.wrong[signal] = wrong
        return wrong

    def keep(self, ledgers: Mapping[str, object]) -> None:
        """Forget what was found by counts that are not kept any more."""
        self.states = {name: one for name, one in self.states.items() if name in ledgers}
        self.wrong = {name: words for name, words in self.wrong.items() if name in ledgers}

    def of(self, trigger: Trigger) -> str:
        """What is wrong with the requests that a trigger compares."""
        return self.wrong.get(trigger.signal.name, "") if trigger.test.proportion else ""

    def splits(self, arms: Arms) -> Splits | None:
        """The canary's share over time; None where nobody can tell, or where the counts say another one."""
        if not arms.given or any(self.wrong.values()):
            return None
        return splits_of(arms.given)

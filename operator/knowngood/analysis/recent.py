"""What was counted lately of two versions, for estimates."""

from dataclasses import dataclass

from knowngood.analysis.blocks import decay


@dataclass(frozen=True, slots=True)
class Recent:
    """What was counted lately; the past halves every `blocks.HALF_LIFE` seconds.

    Attributes:
        judged: Counts of the judged version.
        both: Counts of both.
        expected: What the judged version would have had of them at the most that its share may have been.
        at: When these were last true, unix seconds.
    """

    judged: float = 0.0
    both: float = 0.0
    expected: float = 0.0
    at: float = 0.0

    def plus(self, judged: int, other: int, most: float, at: float) -> "Recent":
        """With more counts."""
        kept = decay(at - self.at)
        both = judged + other
        return Recent(
            self.judged * kept + judged,
            self.both * kept + both,
            self.expected * kept + most * both,
            at,
        )


NOTHING_YET = Recent()

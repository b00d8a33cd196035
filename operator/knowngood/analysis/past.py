"""What is known of the stable version's share from blocks before the present one."""

from dataclasses import dataclass

from knowngood.analysis.blocks import Block, decay

KNOWN_ENOUGH = 30
"""Stable requests that must be known of before anything is bet; memory never fades below them."""

RAREST = 1e-9
"""The smallest share that is told from nothing, and from everything; a bet on less would not fit into a number."""


@dataclass(frozen=True, slots=True)
class StablePast:
    """A fading memory of the stable version's answers.

    Attributes:
        events: Its events, faded.
        total: Its requests, faded likewise.
        at: When these two were last true, unix seconds.
    """

    events: float = 0.0
    total: float = 0.0
    at: float = 0.0

    def after(self, block: Block) -> "StablePast":
        """With one more block."""
        kept = self._fade(block.end - self.at)
        return StablePast(self.events * kept + block.y, self.total * kept + block.n_s, block.end)

    @property
    def share(self) -> float | None:
        """The share of events, drawn to one half by half a request each; None: too little is known."""
        if self.total < KNOWN_ENOUGH:
            return None
        share = (self.events + 0.5) / (self.total + 1)
        return min(max(share, RAREST), 1 - RAREST)

    def _fade(self, seconds: float) -> float:
        """What is left of the memory of some requests: half after `blocks.HALF_LIFE`, but enough.

        Sparse traffic would otherwise never be known well enough for a bet.
        """
        return max(decay(seconds), min(1.0, KNOWN_ENOUGH / self.total)) if self.total else 0.0


NO_PAST = StablePast()

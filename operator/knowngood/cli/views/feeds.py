"""What feeds a model, in one table."""

from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.api.v1alpha1.feed_status import FeedState, HeldFeed
from knowngood.cli.views.lines import EMPTY, Cell, Table, Tone
from knowngood.cli.views.phrases import moment
from knowngood.decisions.feed_incidents import result_of
from knowngood.decisions.feeds import HELD, words

HEADER: Final = ("FEED", "OBJECT", "STATE", "INCIDENT", "SINCE", "BEFORE", "SAYS")


def feeds_of(model: AIModelDeployment) -> Table | None:
    """Write the table; None where the model has no feeds.

    Args:
        model: As it is now.
    """
    held = {h.name: h for h in model.status.feeds} if model.status else {}
    named = {t.name: t for t in (feed.target for feed in model.spec.feeds) if t is not None}
    rows = [
        _row(name, words(held.get(name) or named[name]), held.get(name)) for name in named | held
    ]
    return Table(HEADER, tuple(rows)) if rows else None


def _row(name: str, what: str, held: HeldFeed | None) -> tuple[Cell, ...]:
    if held is None:
        return tuple(Cell(text) for text in (name, what, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY))
    tone = Tone.BAD if held.state in HELD else Tone.PLAIN
    tone = Tone.WARNING if held.state in {FeedState.WAITING, FeedState.FAILED} else tone
    since = moment(held.ended_at or held.verified_at or held.since or held.noticed_at)
    return (
        Cell(name),
        Cell(what),
        Cell(held.state, tone),
        Cell(held.incident),
        Cell(since or EMPTY),
        Cell(held.before or EMPTY),
        Cell(result_of(held) or EMPTY),
    )

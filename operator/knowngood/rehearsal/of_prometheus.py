"""A rehearsal of what a real Prometheus has recorded: the only place in here that knows who is asked."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from knowngood.adapters.prometheus.signals import PrometheusSignals
from knowngood.rehearsal.rehearsing import rehearse as play
from knowngood.rehearsal.scene import TEMPLATE, scene
from knowngood.rehearsal.told import Asked, Rehearsed
from knowngood.sources.source import Source


def rehearse(
    objects: Sequence[Mapping[str, Any]],
    asked: Asked,
    sources: Mapping[str, Source] | Source,
    progress: Callable[[datetime], None],
) -> Rehearsed:
    """Play a span.

    Args:
        objects: As they are now: the model, the records of its versions, policies, signal templates, namespaces.
        asked: What is to be rehearsed.
        sources: Whom to ask, by name; or one for whatever name.
        progress: Called with the instant that was come to, once a minute of the span.

    Raises:
        Impossible: Something is missing, or a question was not answered.
    """
    found = scene(objects, asked)
    if isinstance(sources, Source):
        names = {o["spec"].get("source") or "default" for o in objects if o["kind"] == TEMPLATE}
        sources = dict.fromkeys(names, sources)
    signals = PrometheusSignals(sources)
    try:
        return play(found, signals, progress)
    finally:
        signals.close()

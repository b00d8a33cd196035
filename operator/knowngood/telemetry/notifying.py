"""Metrics of the messages to people."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge


class NotifyingMetrics:
    """What was sent, what failed, how long something waits, and what came back, by receiver."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = partial(Counter, labelnames=("receiver",), registry=registry)
        self.sent = counter(
            "knowngood_notifications_sent_total", "Messages that a receiver has taken"
        )
        self.failures = counter(
            "knowngood_notification_failures_total",
            "Times that a receiver did not take what it was sent",
        )
        self.beats = Counter(
            "knowngood_dead_mans_switch_beats_total",
            "Times that the dead man's switch was told that all is well",
            registry=registry,
        )
        self.unheard = Counter(
            "knowngood_dead_mans_switch_failures_total",
            "Times that it did not hear that",
            registry=registry,
        )
        self.hooks = Counter(
            "knowngood_hooks_total",
            "Requests that came back from where people are paged",
            ("receiver", "outcome"),
            registry=registry,
        )
        self._lag = Gauge(
            "knowngood_notification_oldest_unsent_seconds",
            "How long the oldest message waits for a receiver",
            ("receiver",),
            registry=registry,
        )

    def lag(self, receiver: str, seconds: float) -> None:
        """Show how long the oldest message waits for a receiver."""
        self._lag.labels(receiver).set(seconds)

"""Our own `/metrics`. Labels are namespaces, models and triggers: nothing that grows with rollouts."""

from collections.abc import Iterable, Mapping
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from knowngood.analysis.verdicts import Evidence, Verdict
from knowngood.api.v1alpha1 import Phase, VerdictKind
from knowngood.telemetry.notifying import NotifyingMetrics

Which = tuple[str, str, str]
"""A trigger: kind and name of its policy, and its own name."""

_TRIGGER = ("policy_kind", "policy", "trigger")

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """The operator's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._models: dict[tuple[str, str], set[str]] = {}
        self._serving: dict[tuple[str, str], set[Which]] = {}
        self._about_models()
        self._about_what_serves()
        self._about_itself()
        self._about_exports()
        self.notifying = NotifyingMetrics(self.registry)

    def _about_models(self) -> None:
        model = ("namespace", "model")
        trigger = (*model, *_TRIGGER)
        gauge = self._gauge
        self._phase = gauge("model_phase", "1 for the phase that a model is in", *model, "phase")
        self._weight = gauge(
            "weight_percent", "Share of the requests that a version should get", *model, "version"
        )
        self._verdict = gauge("verdict", "1 for what a trigger says now", *trigger, "kind")
        self._samples = gauge(
            "canary_samples", "Requests of the canary that a trigger has judged", *trigger
        )
        self._shares = gauge(
            "signal_share",
            "Share of events, of the canary and of the stable version",
            *trigger,
            "role",
        )
        self.would_have_acted = Counter(
            "knowngood_would_have_acted_total",
            "Breaches of policies in mode Observe",
            trigger,
            registry=self.registry,
        )

    def _about_what_serves(self) -> None:
        trigger, gauge = ("namespace", "model", *_TRIGGER), self._gauge
        self._serving_verdict = gauge(
            "serving_verdict",
            "1 for what a trigger says of the version that serves",
            *trigger,
            "kind",
        )
        self._serving_samples = gauge(
            "serving_samples",
            "Requests of the version that serves that a trigger has judged",
            *trigger,
        )
        self._serving_difference = gauge(
            "serving_difference",
            "Difference of the version that serves: of shares, or a distribution's distance beyond chance",
            *trigger,
        )
        self._serving_evidence = gauge(
            "serving_evidence",
            "Evidence against the version that serves, over what proves it",
            *trigger,
        )

    def _about_itself(self) -> None:
        gauge = self._gauge
        self.queries = gauge("signal_queries", "Queries sent to signal sources since the start")
        self._dropped = gauge(
            "signal_series_dropped",
            "Series that the last look left out because whose they are is not proved",
            "signal",
            "reason",
        )
        self.sources = gauge(
            "signal_source_up", "1 while the last query to a source was answered", "source"
        )
        self.api_requests = gauge(
            "api_requests", "Requests sent to the API server since the start", "kind"
        )
        self.ticks = self._seconds("tick_seconds", "Length of one round of reading and judging")
        self.passes = self._seconds("pass_seconds", "Length of one pass over one model")
        self.pass_errors = Counter(
            "knowngood_pass_errors_total",
            "Passes that failed and are tried again",
            registry=self.registry,
        )
        self.leading = gauge("leading", "1 while this process may write")
        self.objects = gauge("objects", "Objects in the view", "kind")
        self.unreadable = gauge(
            "unreadable_objects", "Objects that this operator can not read and leaves alone"
        )
        self.ghosts = gauge(
            "ghosts_removed", "Objects that a LIST has shown to be gone without an event"
        )

    def _about_exports(self) -> None:
        counter = partial(Counter, labelnames=("sink",), registry=self.registry)
        self.exported = counter("knowngood_export_records_total", "Records that a SIEM has taken")
        self.export_failures = counter(
            "knowngood_export_failures_total", "Times that a SIEM did not take what it was sent"
        )
        self.export_lost = counter(
            "knowngood_export_lost_total", "Entries that made room before a SIEM had taken them"
        )
        self._export_lag = self._gauge(
            "export_oldest_unsent_seconds", "How long the oldest entry waits for a SIEM", "sink"
        )

    def export_lag(self, sink: str, seconds: float) -> None:
        """Show how long the oldest entry waits for a SIEM."""
        self._export_lag.labels(sink).set(seconds)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"knowngood_{name}", text, labels, registry=self.registry)

    def _seconds(self, name: str, text: str) -> Histogram:
        return Histogram(f"knowngood_{name}", text, registry=self.registry, buckets=SECONDS)

    def model(self, namespace: str, name: str, phase: Phase, weights: Mapping[str, int]) -> None:
        """Show a model's phase and shares."""
        for other in Phase:
            self._phase.labels(namespace, name, other.value).set(1 if other is phase else 0)
        known = self._models.setdefault((namespace, name), set())
        for version in known - set(weights):
            self._weight.remove(namespace, name, version)
        for version, weight in weights.items():
            self._weight.labels(namespace, name, version).set(weight)
        self._models[namespace, name] = set(weights)

    def verdict(self, model: tuple[str, str], trigger: Which, kind: VerdictKind) -> None:
        """Show what a trigger says of a model's canary."""
        for other in VerdictKind:
            self._verdict.labels(*model, *trigger, other.value).set(1 if other is kind else 0)

    def share(
        self,
        model: tuple[str, str],
        trigger: Which,
        samples: int,
        canary: float | None,
        stable: float | None,
    ) -> None:
        """Show what a trigger has counted."""
        self._samples.labels(*model, *trigger).set(samples)
        for role, value in (("Canary", canary), ("Stable", stable)):
            if value is not None:
                self._shares.labels(*model, *trigger, role).set(value)

    def serving(self, model: tuple[str, str], said: Mapping[Which, Verdict]) -> None:
        """Show what triggers say of the version that serves; what other triggers of the model said goes.

        Args:
            model: Namespace and name.
            said: Verdicts by trigger.
        """
        for trigger in self._serving.get(model, set()) - said.keys():
            for gauge in self._serving_numbers:
                gauge.remove(*model, *trigger)
            for kind in VerdictKind:
                self._serving_verdict.remove(*model, *trigger, kind.value)
        self._serving[model] = set(said)
        for trigger, verdict in said.items():
            for kind in VerdictKind:
                shown = self._serving_verdict.labels(*model, *trigger, kind.value)
                shown.set(1 if kind is verdict.kind else 0)
            found = verdict.evidence
            numbers = (found.samples, found.effect, _strength(found)) if found else (None,) * 3
            for gauge, value in zip(self._serving_numbers, numbers, strict=True):
                if value is None:
                    gauge.remove(*model, *trigger)
                else:
                    gauge.labels(*model, *trigger).set(value)

    def keep_serving(self, models: Iterable[tuple[str, str]]) -> None:
        """Drop what was shown of versions that serve, of all models but some, by namespace and name."""
        for model in self._serving.keys() - set(models):
            self.serving(model, {})
            del self._serving[model]

    def show_dropped(self, dropped: Iterable[Mapping[str, Mapping[str, int]]]) -> None:
        """Show how many series were left out, by signal and by the reason."""
        self._dropped.clear()
        for one in dropped:
            for signal, reasons in one.items():
                for why, count in reasons.items():
                    self._dropped.labels(signal, why).inc(count)

    def forget(self, namespace: str, name: str) -> None:
        """Drop a model that is gone."""
        for version in self._models.pop((namespace, name), set()):
            self._weight.remove(namespace, name, version)
        for other in Phase:
            self._phase.remove(namespace, name, other.value)
        self.forget_verdicts(namespace, name)
        self.keep_serving(self._serving.keys() - {(namespace, name)})

    def forget_verdicts(self, namespace: str, name: str) -> None:
        """Drop the verdicts of a rollout that has ended."""
        labels = {"namespace": namespace, "model": name}
        for gauge in (self._verdict, self._samples, self._shares):
            gauge.remove_by_labels(labels)

    @property
    def _serving_numbers(self) -> tuple[Gauge, ...]:
        return self._serving_samples, self._serving_difference, self._serving_evidence

    def render(self) -> bytes:
        """Write everything in Prometheus' text format."""
        return generate_latest(self.registry)


def _strength(found: Evidence) -> float | None:
    """Evidence over what is asked for."""
    return found.statistic / found.limit if found.limit else None

"""Prometheus: scrapes the pods that ask for it, and the gateway."""

from typing import Any

import yaml

from e2e.cluster.site import Site

_PORT = 9090
_META = "__meta_kubernetes_pod"
_OLDEST = "30h"
"""How old a sample may be whose time a process tells itself: whoever plays a day again publishes it with its times."""


class LocalPrometheus:
    """Starts the Prometheus of a site; it can be stopped and started again on the same data."""

    def __init__(self, site: Site, scrape_interval: str, gateway_stats: str | None) -> None:
        self._site = site
        self._scrape_interval = scrape_interval
        self._gateway_stats = gateway_stats

    @property
    def url(self) -> str:
        """Where it answers, from the host as from pods."""
        return f"http://{self._site.subnet.bridge}:{_PORT}"

    def start(self) -> None:
        """Start it and return when it answers queries.

        Raises:
            StartError: it did not become ready.
        """
        site = self._site
        config = site.directory("prometheus") / "prometheus.yml"
        config.write_text(yaml.safe_dump(self._config(), sort_keys=False))
        site.launch(
            "prometheus",
            [
                site.tools.prometheus,
                f"--config.file={config}",
                f"--storage.tsdb.path={site.directory('prometheus') / 'data'}",
                f"--web.listen-address={site.subnet.bridge}:{_PORT}",
                "--scrape.discovery-reload-interval=200ms",  # new pods are scraped at once
                "--log.level=warn",
            ],
            ready=lambda: site.answers(f"{self.url}/-/ready"),
        )

    def stop(self) -> None:
        """Stop it; its data stay."""
        self._site.namespace.stop("prometheus", grace_s=10)

    def _config(self) -> dict[str, Any]:
        jobs = [self._pods()]
        if self._gateway_stats is not None:
            jobs.append(
                {
                    "job_name": "envoy",
                    "metrics_path": "/stats/prometheus",
                    "static_configs": [{"targets": [self._gateway_stats]}],
                }
            )
        return {
            "global": {"scrape_interval": self._scrape_interval},
            "scrape_configs": jobs,
            "storage": {"tsdb": {"out_of_order_time_window": _OLDEST}},
        }

    def _pods(self) -> dict[str, Any]:
        annotation = f"{_META}_annotation_prometheus_io"
        return {
            "job_name": "pods",
            "kubernetes_sd_configs": [
                {"role": "pod", "kubeconfig_file": str(self._site.kubeconfig)}
            ],
            "relabel_configs": [
                _keep(f"{annotation}_scrape", "true"),
                _keep(f"{_META}_phase", "Running"),
                _label(f"{annotation}_path", "__metrics_path__"),
                {
                    "source_labels": [f"{_META}_ip", f"{annotation}_port"],
                    "separator": ":",
                    "regex": r"(.+:\d+)",
                    "target_label": "__address__",
                },
                _label(f"{_META}_name", "pod"),
                _label("__meta_kubernetes_namespace", "namespace"),
            ],
        }


def _keep(source: str, value: str) -> dict[str, Any]:
    return {"source_labels": [source], "regex": value, "action": "keep"}


def _label(source: str, target: str) -> dict[str, Any]:
    return {"source_labels": [source], "regex": "(.+)", "target_label": target}

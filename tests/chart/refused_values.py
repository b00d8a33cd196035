"""Values that the chart must refuse: the path of each, what is wrong in it, and words of the message."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Bad:
    """One bad value.

    Attributes:
        path: Keys that lead to it.
        names: What the message must contain.
    """

    path: tuple[str | int, ...]
    value: Any
    names: str

    def __str__(self) -> str:
        """Name the case in the test's report."""
        return f"{'.'.join(map(str, self.path))}={self.value}"

    def values(self) -> dict[str, Any]:
        """Write it as a values file."""
        value = self.value
        for key in reversed(self.path):
            value = [value] if key == 0 else {key: value}
        assert isinstance(value, dict)
        return value


def _bad(path: str, value: Any, names: str | None = None) -> Bad:
    keys = tuple(0 if key == "0" else key for key in path.split("/"))
    return Bad(keys, value, names or "/" + path)


_CRON_JOB: Final = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "path": "/spec/suspend",
    "value": True,
}
_KEY: Final = {"name": "a", "key": "b"}
_TWO_WAYS: Final = {
    "url": "http://b",
    "bearerToken": {"secretRef": _KEY},
    "basicAuth": {"username": "u", "password": {"secretRef": _KEY}},
}
_PAGER: Final = {"pagerDuty": {"routingKey": {"secretRef": _KEY}}}

BAD_VALUES: Final = [
    _bad("replica", 2, "'replica'"),
    _bad("image/name", "x", "'name'"),
    _bad("resources/request", {}, "'request'"),
    _bad("affinity/podAffinty", {}, "'podAffinty'"),
    _bad("imagePullSecrets/0/secret", "x", "'secret'"),
    _bad("replicas", 0),
    _bad("replicas", -1),
    _bad("replicas", 1.5),
    _bad("replicas", "2"),
    _bad("replicas", None, "'replicas'"),
    _bad("sources", {"default": None}, "/sources"),
    _bad("sources", None, "'sources'"),
    _bad("siem/soc", {}),
    _bad("siem/soc", {"stdout": {}, "syslog": {"host": "a"}}),
    _bad("siem/soc", {"stdout": {}, "format": "LEEF"}, "/siem/soc/format"),
    _bad("siem/soc", {"syslog": {"host": "a", "facility": "kern"}}, "/siem/soc/syslog/facility"),
    _bad("siem/soc", {"splunkHEC": {"url": "http://a", "token": {"secretRef": _KEY}}}, "/siem/soc"),
    _bad("siem/soc", {"splunkHEC": {"url": "https://a", "token": "plain"}}, "/siem/soc"),
    _bad("siem/Soc", {"stdout": {}}, "'Soc'"),
    _bad("siem", {f"s{n}": {"stdout": {}} for n in range(9)}, "/siem"),
    _bad("receivers/oncall", {}),
    _bad("receivers/oncall", {"slack": {"url": "https://hooks.slack.com/services/T/B/x"}}),
    _bad("receivers/oncall", {**_PAGER, "audience": "Public"}, "/receivers/oncall/audience"),
    _bad("receivers/oncall", {**_PAGER, "namespaces": ["*"]}, "/receivers/oncall/namespaces"),
    _bad("receivers/oncall", {**_PAGER, "slack": {"url": {"secretRef": _KEY}}}),
    _bad("receivers/oncall", {"webhook": {"url": "https://a"}}),
    _bad("receivers", {f"r{n}": _PAGER for n in range(17)}, "/receivers"),
    _bad("deadMansSwitch", {"url": "https://hc-ping.com/x"}, "/deadMansSwitch/url"),
    _bad("deadMansSwitch", {"every": 60}),
    _bad("deadMansSwitch", {"url": {"secretRef": _KEY}, "every": 1}, "/deadMansSwitch/every"),
    _bad("sources", ["http://prometheus:9090"], "/sources"),
    _bad("sources/default", "prometheus:9090"),
    _bad("sources/default", "ftp://prometheus:9090"),
    _bad("sources/default", "http://"),
    _bad("sources/default", "http://prometheus 9090"),
    _bad("sources/default", "http://user:word@prometheus:9090"),
    _bad("sources/default", "http://prometheus:9090/?dedup=true"),
    _bad("sources/default", 9090),
    _bad("sources/b", {"deadline": "3s"}, "'url'"),
    _bad("sources/b", {"url": "http://b", "bearerToken": "hunter2"}, "/sources/b/bearerToken"),
    _bad("sources/b", {"url": "http://b", "bearertoken": {}}, "'bearertoken'"),
    _bad("sources/b", {"url": "http://u:p@b"}, "/sources/b/url"),
    _bad("sources/b", {"url": "http://b", "deadline": "1h"}, "/sources/b/deadline"),
    _bad("sources/b", {"url": "http://b", "inFlight": 0}, "/sources/b/inFlight"),
    _bad("sources/b", {"url": "http://b", "tls": {"cert": {"secretRef": _KEY}}}, "'key'"),
    _bad("sources/b", {"url": "http://b", "tls": {"insecure": True}}, "'insecure'"),
    _bad("sources/b", {"url": "http://b", "headers": {"X-A": {}}}, "/sources/b/headers/X-A"),
    _bad("sources/b", {"url": "http://b", "bearerToken": {"secretRef": {"name": "a"}}}, "'key'"),
    _bad("sources/b", _TWO_WAYS, "/sources/b"),
    _bad("presets/knowngood", "yes"),
    _bad("presets/seldon", {"enabled": True}, "'seldon'"),
    _bad("presets/envoy/target", {"pod": "envoy-0"}, "'pod'"),
    _bad("presets/envoy/target/namespace", 'a"} or up{b="'),
    _bad("sources", {"": "http://prometheus:9090"}, "at '/sources'"),
    _bad("sources", {"long=term": "http://prometheus:9090"}, "long=term"),
    _bad("sources", {"Default": "http://prometheus:9090"}, "Default"),
    _bad("tick", 0),
    _bad("tick", -1),
    _bad("tick", 61),
    _bad("tick", "1s"),
    _bad("incidents/autoCloseAfter", 168),
    _bad("incidents/autoCloseAfter", "7d"),
    _bad("incidents/autoCloseAfter", "0h0s"),
    _bad("incidents/retention/count", 0),
    _bad("incidents/retention/age", "1y"),
    _bad("incidents/retention/age", "0h"),
    _bad("incidents/archive", "yes"),
    _bad("feeds/enabled", "yes"),
    _bad("feeds/namespaces", ["Lending"], "/feeds/namespaces/0"),
    _bad("feeds/suspendable", [], "/feeds/suspendable"),
    _bad(
        "feeds/suspendable/0", _CRON_JOB | {"apiVersion": "v1"}, "/feeds/suspendable/0/apiVersion"
    ),
    _bad("feeds/suspendable/0", _CRON_JOB | {"path": "/metadata/x"}, "/feeds/suspendable/0/path"),
    _bad(
        "feeds/suspendable/0", _CRON_JOB | {"path": "/spec/replicas"}, "/feeds/suspendable/0/path"
    ),
    _bad("feeds/suspendable/0", _CRON_JOB | {"value": 0}, "/feeds/suspendable/0/value"),
    _bad("feeds/suspendable/0", {"kind": "CronJob"}, "'apiVersion'"),
    _bad("logLevel", "info"),
    _bad("logLevel", "VERBOSE"),
    _bad("image/repository", ""),
    _bad("image/repository", "knowngood/operator:dev"),
    _bad("image/repository", "https://registry.example.com/operator"),
    _bad("image/tag", "a b"),
    _bad("image/tag", 1.0),
    _bad("image/pullPolicy", "Sometimes"),
    _bad("imagePullSecrets", "registry", "/imagePullSecrets"),
    _bad("podLabels", {"app.kubernetes.io/name": "other"}, "/podLabels/app.kubernetes.io"),
    _bad("podLabels/team", "ai platform"),
    _bad("podAnnotations/port", 8080),
    _bad("resources/requests/cpu", "a lot"),
    _bad("resources/limits/memory", "-1Gi"),
    _bad("nodeSelector/pool", 1),
    _bad("tolerations", {"key": "x"}),
    _bad("topologySpreadConstraints/0", {"maxSkew": 1}, "'topologyKey'"),
    _bad("admission", "on"),
    _bad("admission", None, "'admission'"),
    _bad("admission/enable", "on", "'enable'"),
    _bad("admission/enabled", "yes"),
    _bad("aggregateRoles", "yes"),
]

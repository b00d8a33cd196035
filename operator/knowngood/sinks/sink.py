"""One SIEM, and the file that describes several."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator

from knowngood.api.v1alpha1.export_status import MOST_SINKS
from knowngood.api.v1alpha1.scalars import DnsLabel, PortNumber
from knowngood.exporting.formats import Format
from knowngood.sources.credentials import check_tls, line_of
from knowngood.sources.source import Deadline, Entry, SourceProblem, Tls, Url, told

_ARMS: Final = ("stdout", "splunk_hec", "syslog")


class SinkProblem(Exception):
    """A sink can not be used as it is configured. The text names sink and field, and holds no secret."""


def _secure(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("write https://: the token would be read by others")
    return url


class Facility(StrEnum):
    """What syslog files messages under: one of those that are there for local use."""

    LOCAL0 = "local0"
    LOCAL1 = "local1"
    LOCAL2 = "local2"
    LOCAL3 = "local3"
    LOCAL4 = "local4"
    LOCAL5 = "local5"
    LOCAL6 = "local6"
    LOCAL7 = "local7"


class Stdout(Entry):
    """The operator's standard output, one record a line; its logs go to standard error."""


class SplunkHEC(Entry):
    """An HTTP Event Collector, as Splunk has it and others take it.

    Attributes:
        url: Without `/services/collector`.
        token_file: Holds the collector's token.
        index: Where records go; empty: where the token says.
        sourcetype: What they are; empty: what the token says.
        deadline: Seconds that one request may take.
    """

    url: Annotated[Url, AfterValidator(_secure)]
    token_file: Path
    index: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,79}$|^$")] = ""
    sourcetype: Annotated[str, Field(pattern=r"^[A-Za-z0-9_:.-]{0,64}$")] = ""
    deadline: Deadline = 10.0
    tls: Tls = Tls()


class Syslog(Entry):
    """A syslog server that speaks TLS: RFC 5424 messages, each with its length before it.

    Attributes:
        host: Name or address; its certificate must be for it.
        server_name: What its certificate is for, where that is something else than `host`; empty where it is not.
        facility: What syslog files the messages under.
        deadline: Seconds that it may take to take what one connection brings.
    """

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9:._-]{1,253}$")]
    port: PortNumber = 6514
    server_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9:._-]{0,253}$")] = ""
    facility: Facility = Facility.LOCAL0
    deadline: Deadline = 10.0
    tls: Tls = Tls()


class SinkConfig(Entry):
    """Where records go, and how they are written.

    Attributes:
        team: Who is on call: an incident that nobody has taken is theirs.
    """

    format: Format = Format.OCSF
    team: Annotated[str, Field(min_length=1, max_length=128)] = "on-call"
    stdout: Stdout | None = None
    splunk_hec: Annotated[SplunkHEC | None, Field(alias="splunkHEC")] = None

    syslog: Syslog | None = None

    @model_validator(mode="after")
    def _one_arm(self) -> Self:
        if sum(getattr(self, arm) is not None for arm in _ARMS) != 1:
            raise ValueError("write exactly one of stdout, splunkHEC and syslog")
        return self


_SINKS: Final[TypeAdapter[dict[str, SinkConfig]]] = TypeAdapter(
    Annotated[dict[DnsLabel, SinkConfig], Field(max_length=MOST_SINKS)]
)


def load_sinks(path: Path) -> dict[str, SinkConfig]:
    """Read a YAML file of sinks by name, and try the files that they name.

    Raises:
        SinkProblem: A file can not be read, or what is in it is wrong.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no YAML"
        raise SinkProblem(f"{path} can not be read: {why}") from None
    if not isinstance(found, dict):
        raise SinkProblem(f"{path} must hold sinks by name")
    try:
        sinks = parse_sinks(found)
        for name, sink in sinks.items():
            _check(name, sink)
    except SinkProblem as problem:
        raise SinkProblem(f"{path}: {problem}") from None
    return sinks


def parse_sinks(entries: dict[str, Any]) -> dict[str, SinkConfig]:
    """Read sinks by name.

    Raises:
        SinkProblem: The text names sink and field.
    """
    try:
        return _SINKS.validate_python(entries)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if not first["loc"]:
            raise SinkProblem(f"there can be at most {MOST_SINKS} sinks") from None
        # The cause shows the input.
        raise SinkProblem(told("sink", first["loc"], first["msg"])) from None


def _check(name: str, sink: SinkConfig) -> None:
    hec, syslog = sink.splunk_hec, sink.syslog
    try:
        if hec is not None:
            line_of(hec.token_file, "splunkHEC.tokenFile")
            check_tls(hec.tls)
        if syslog is not None:
            check_tls(syslog.tls)
    except SourceProblem as problem:
        raise SinkProblem(f"sink {name}: {problem}") from None

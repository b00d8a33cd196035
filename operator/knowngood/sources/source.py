"""One signal source, and the file that describes several."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from knowngood.api.v1alpha1.scalars import DnsLabel, seconds

SHORTEST_DEADLINE: Final = 0.1
LONGEST_DEADLINE: Final = 30.0
_OURS: Final = frozenset({"authorization", "host", "content-length", "transfer-encoding", "cookie"})


class SourceProblem(Exception):
    """A source can not be used as it is configured. The text names source and field, and holds no secret."""


class Entry(BaseModel):
    """A part of a file of the operator's own configuration."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True
    )


def _url(text: str) -> str:
    wanted = "write http:// or https:// and a host, like http://prometheus:9090"
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises when it is no number
    except ValueError:
        raise ValueError(wanted) from None  # the words of the library repeat what was written
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(wanted)
    if parts.username is not None or parts.password is not None:
        raise ValueError("it must hold no user or password: use basicAuth, which reads files")
    if parts.query or parts.fragment:
        raise ValueError("it must have no query or fragment")
    return text.rstrip("/")


def _deadline(value: object) -> object:
    found = seconds(value) if isinstance(value, str) else value
    if (
        isinstance(found, bool)
        or not isinstance(found, int | float)
        or not SHORTEST_DEADLINE <= found <= LONGEST_DEADLINE
    ):
        raise ValueError(f"write a duration from 100ms to {LONGEST_DEADLINE:.0f}s")
    return found


Url = Annotated[str, AfterValidator(_url)]
"""Scheme and host, with a path or without; no credentials, query or fragment."""

Deadline = Annotated[float, BeforeValidator(_deadline)]
"""Seconds, written as a duration."""


class BasicAuth(Entry):
    """User and password; the password is always in a file."""

    username: Annotated[str, Field(max_length=256, pattern=r"^[^:\x00-\x1f\x7f]*$")] = ""
    username_file: Path | None = None
    password_file: Path

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if bool(self.username) == (self.username_file is not None):
            raise ValueError("write username or usernameFile")
        return self


class Tls(Entry):
    """Who is believed, and who we are.

    Attributes:
        ca_file: Certificates of the authorities that are believed, PEM; None: those of the system.
        cert_file: Our certificate, PEM, with those that lead to the authority.
        key_file: The key of that certificate, PEM, without a password.
    """

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("certFile and keyFile come together")
        return self


class Header(Entry):
    """The value of a header: in the open, or in a file."""

    value: Annotated[str, Field(max_length=1024, pattern=r"^[\x20-\x7e]+$")] = ""
    file: Path | None = None

    @model_validator(mode="after")
    def _one_value(self) -> Self:
        if bool(self.value) == (self.file is not None):
            raise ValueError("write value or file")
        return self


def _header(name: str) -> str:
    if name.lower() in _OURS:
        raise ValueError("this header can not be set; use bearerTokenFile or basicAuth to log in")
    return name


HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$"), AfterValidator(_header)]


class Source(Entry):
    """A Prometheus-compatible endpoint.

    Attributes:
        url: Without `/api/v1`, and without a slash at the end.
        deadline: Seconds that one query may take.
        in_flight: Queries at the same time.
        headers: Extra ones, such as the tenant of Mimir (`X-Scope-OrgID`).
    """

    url: Url
    deadline: Deadline = 3.0
    in_flight: Annotated[int, Field(ge=1, le=32)] = 4
    bearer_token_file: Path | None = None
    basic_auth: BasicAuth | None = None
    tls: Tls = Tls()
    headers: Mapping[HeaderName, Header] = {}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.bearer_token_file is not None and self.basic_auth is not None:
            raise ValueError("write bearerTokenFile or basicAuth, not both")
        if self.tls != Tls() and not self.url.startswith("https://"):
            raise ValueError("tls needs a url with https://")
        return self


def _short(entry: object) -> object:
    return {"url": entry} if isinstance(entry, str) else entry


_SOURCES: Final[TypeAdapter[dict[str, Source]]] = TypeAdapter(
    dict[DnsLabel, Annotated[Source, BeforeValidator(_short)]]
)


def parse_sources(entries: Mapping[str, Any]) -> dict[str, Source]:
    """Read sources by name; an entry that is only a text is a URL.

    Raises:
        SourceProblem: The text names source and field.
    """
    try:
        return _SOURCES.validate_python(entries)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SourceProblem(
            told("source", first["loc"], first["msg"])
        ) from None  # the cause shows the input


def load_sources(path: Path) -> dict[str, Source]:
    """Read a YAML file of sources by name.

    Raises:
        SourceProblem: The file can not be read, or what is in it is wrong.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no YAML"
        raise SourceProblem(f"{path} can not be read: {why}") from None
    if not isinstance(found, dict):
        raise SourceProblem(f"{path} must hold sources by name")
    try:
        return parse_sources(found)
    except SourceProblem as problem:
        raise SourceProblem(f"{path}: {problem}") from None


def told(kind: str, where: tuple[int | str, ...], words: str) -> str:
    """Say where a file is wrong, by the names that it has."""
    name, *fields = (str(part) for part in where if part != "[key]")
    field = "".join(f"{part}." for part in fields).rstrip(".")
    return ": ".join(filter(None, (f"{kind} {name}", field, words.removeprefix("Value error, "))))

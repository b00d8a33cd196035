"""What is shown to a source, read from its files for each request: a rotated token is used at once."""

import base64
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from knowngood.sources.source import Source, SourceProblem, Tls

LARGEST_FILE: Final = 1 << 16
_PRINTABLE: Final = range(0x20, 0x7F)


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What one request shows.

    Attributes:
        headers: Name and value.
        tls: What the files of keys and certificates were like; another value means that they have changed.
        secrets: Texts that must not be shown to anybody.
    """

    headers: tuple[tuple[str, str], ...] = ()
    tls: tuple[tuple[str, int, int, int], ...] = ()
    secrets: tuple[str, ...] = ()


def credentials_of(source: Source) -> Credentials:
    """Read the files of a source as they are now.

    Raises:
        SourceProblem: A file can not be read or holds nothing that could be sent; the text names the field.
    """
    headers: list[tuple[str, str]] = []
    secrets: list[str] = []
    if source.bearer_token_file is not None:
        token = line_of(source.bearer_token_file, "bearerTokenFile")
        headers.append(("Authorization", f"Bearer {token}"))
        secrets.append(token)
    if source.basic_auth is not None:
        basic = source.basic_auth
        user = basic.username
        if basic.username_file is not None:
            user = line_of(basic.username_file, "basicAuth.usernameFile")
        if ":" in user:
            raise SourceProblem("basicAuth.usernameFile: a user name can not have a colon")
        password = line_of(basic.password_file, "basicAuth.passwordFile", plain=False)
        both = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers.append(("Authorization", f"Basic {both}"))
        secrets += [both, password]
    for name, header in source.headers.items():
        value = header.value
        if header.file is not None:
            value = line_of(header.file, f"headers.{name}.file")
            secrets.append(value)
        headers.append((name, value))
    longest_first = sorted(secrets, key=len, reverse=True)
    return Credentials(tuple(headers), tls_state(source.tls), tuple(longest_first))


def check(source: Source) -> None:
    """Try the files of a source, certificates and keys too.

    Raises:
        SourceProblem: The text names the field.
    """
    credentials_of(source)
    check_tls(source.tls)


def check_tls(tls: Tls) -> None:
    """Try the files of certificates and keys.

    Raises:
        SourceProblem: The text names the field.
    """
    tls_state(tls)
    if tls.ca_file is not None:
        try:
            ssl.create_default_context(cafile=str(tls.ca_file))
        except (OSError, ssl.SSLError):
            raise SourceProblem(f"tls.caFile: {tls.ca_file} holds no PEM certificates") from None
    if tls.cert_file is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            # A password is refused instead of being asked for at a terminal that nobody sees.
            context.load_cert_chain(tls.cert_file, tls.key_file, password=lambda: "")
        except (OSError, ssl.SSLError, ValueError):
            raise SourceProblem(
                f"tls.certFile and tls.keyFile: {tls.cert_file} and {tls.key_file} are no PEM certificate "
                "with its key, without a password"
            ) from None


def line_of(path: Path, field: str, *, plain: bool = True) -> str:
    """Read a file that holds one line.

    Raises:
        SourceProblem: It can not be read, or holds something else; the text names the field.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        text = data.decode().strip("\r\n \t") if len(data) <= LARGEST_FILE else ""
    except OSError as error:
        raise SourceProblem(f"{field}: {_named(path)} can not be read: {error.strerror}") from None
    except ValueError:
        raise SourceProblem(f"{field}: {path} is no text") from None
    if not text:
        raise SourceProblem(f"{field}: {path} is empty or too large")
    if any(ord(c) not in _PRINTABLE for c in text) if plain else not text.isprintable():
        raise SourceProblem(f"{field}: {path} must hold one line of plain characters")
    return text


def tls_state(tls: Tls) -> tuple[tuple[str, int, int, int], ...]:
    """Say what the files of keys and certificates are like; another value means that they have changed.

    Raises:
        SourceProblem: One can not be read; the text names the field.
    """
    found = []
    for field, path in (
        ("caFile", tls.ca_file),
        ("certFile", tls.cert_file),
        ("keyFile", tls.key_file),
    ):
        if path is None:
            continue
        try:
            seen = path.stat()
        except OSError as error:
            raise SourceProblem(
                f"tls.{field}: {_named(path)} can not be read: {error.strerror}"
            ) from None
        found.append((field, seen.st_ino, seen.st_mtime_ns, seen.st_size))
    return tuple(found)


def _named(path: Path) -> str:
    """A path for people. What is not absolute, and not there, may be a secret that was written in its place."""
    return str(path) if path.is_absolute() else "the file that it names"

"""What is shown to a source, read from its files for each request: a rotated token is used at once."""

import base64
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from knowngood.sources.source import Source, SourceProblem

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
        token = _line(source.bearer_token_file, "bearerTokenFile")
        headers.append(("Authorization", f"Bearer {token}"))
        secrets.append(token)
    if source.basic_auth is not None:
        basic = source.basic_auth
        user = basic.username
        if basic.username_file is not None:
            user = _line(basic.username_file, "basicAuth.usernameFile")
        if ":" in user:
            raise SourceProblem("basicAuth.usernameFile: a user name can not have a colon")
        password = _line(basic.password_file, "basicAuth.passwordFile", plain=False)
        both = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers.append(("Authorization", f"Basic {both}"))
        secrets += [both, password]
    for name, header in source.headers.items():
        value = header.value
        if header.file is not None:
            value = _line(header.file, f"headers.{name}.file")
            secrets.append(value)
        headers.append((name, value))
    longest_first = sorted(secrets, key=len, reverse=True)
    return Credentials(tuple(headers), _tls(source), tuple(longest_first))


def check(source: Source) -> None:
    """Try the files of a source, certificates and keys too.

    Raises:
        SourceProblem: The text names the field.
    """
    credentials_of(source)
    tls = source.tls
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


def _line(path: Path, field: str, *, plain: bool = True) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        text = data.decode().strip("\r\n \t") if len(data) <= LARGEST_FILE else ""
    except OSError as error:
        raise SourceProblem(f"{field}: {path} can not be read: {error.strerror}") from None
    except ValueError:
        raise SourceProblem(f"{field}: {path} is no text") from None
    if not text:
        raise SourceProblem(f"{field}: {path} is empty or too large")
    if any(ord(c) not in _PRINTABLE for c in text) if plain else not text.isprintable():
        raise SourceProblem(f"{field}: {path} must hold one line of plain characters")
    return text


def _tls(source: Source) -> tuple[tuple[str, int, int, int], ...]:
    tls, found = source.tls, []
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
            raise SourceProblem(f"tls.{field}: {path} can not be read: {error.strerror}") from None
        found.append((field, seen.st_ino, seen.st_mtime_ns, seen.st_size))
    return tuple(found)

"""The HTTP session under prometheus-api-client.

It sets what the client leaves open (a deadline for the whole answer, its size, credentials, no redirects) and keeps
what the client drops (the answer's status and warnings: a partial answer otherwise looks like a whole one).
"""

import time
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ReadTimeoutError

from knowngood.adapters.prometheus.words import wish_of
from knowngood.sources.credentials import Credentials
from knowngood.sources.source import Source

LARGEST_ANSWER: Final = 256 << 20
_PIECE: Final = 1 << 16


class Redirected(requests.RequestException):
    """The source wants to be asked elsewhere; the text is scheme and host."""


class TooLarge(requests.RequestException):
    """The answer is larger than what is kept in memory."""


class _Shown(AuthBase):
    """Puts the credentials of the present request on. That there is one keeps requests from reading a .netrc file."""

    def __init__(self) -> None:
        self.credentials = Credentials()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request."""
        request.headers.update(self.credentials.headers)
        return request


class SourceSession(requests.Session):
    """A session with one source, for one thread.

    Attributes:
        status: HTTP status of the last answer; 0 while there is none.
        wish: Seconds of peace that it asked for in Retry-After; None when it did not.
        warnings: Of the last answer.
        error: What Prometheus said of the last query when it refused it; empty otherwise.
    """

    status: int
    wish: float | None
    warnings: list[str]
    error: str

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._deadline = source.deadline
        self._shown = self.auth = _Shown()
        self.verify = str(source.tls.ca_file) if source.tls.ca_file else True
        if source.tls.cert_file and source.tls.key_file:
            self.cert = str(source.tls.cert_file), str(source.tls.key_file)
        self._reset()

    def show(self, credentials: Credentials) -> None:
        """Use these from the next request on."""
        self._shown.credentials = credentials

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request that ends in time.

        Raises:
            Redirected: The source wants to be asked elsewhere. Nobody goes there: credentials are for one host.
            requests.RequestException: Anything else.
        """
        self._reset()
        ends = time.monotonic() + self._deadline
        kwargs |= {"timeout": self._deadline, "allow_redirects": False, "stream": True}
        response = super().request(*args, **kwargs)
        self.status = response.status_code
        self.wish = wish_of(response.headers)
        try:
            if response.is_redirect:
                raise Redirected(_origin(response.headers["Location"]))
            response._content = _body(response, ends)  # noqa: SLF001 - nothing public reads with a deadline
        except requests.RequestException:
            response.close()
            raise
        answer = _json(response)
        self.warnings = _warnings(answer)
        self.error = str(answer.get("error") or "")
        return response

    def _reset(self) -> None:
        self.status, self.error, self.wish = 0, "", None
        self.warnings = []


def _body(response: requests.Response, ends: float) -> bytes:
    """Read an answer to its end; requests itself only limits the pause between two pieces."""
    pieces: list[bytes] = []
    size = 0
    while piece := _piece(response):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_ANSWER:
            raise TooLarge
        if time.monotonic() > ends:
            raise requests.Timeout
    return b"".join(pieces)


def _piece(response: requests.Response) -> bytes:
    try:
        piece: bytes = response.raw.read1(_PIECE, decode_content=True)
    except ReadTimeoutError as error:
        raise requests.Timeout from error
    except HTTPError as error:
        raise requests.ConnectionError from error
    return piece


def _origin(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.hostname}" if parts.hostname else "another path"


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return {}
    # The client parses what it is given once more, and answers can be large.
    response.json = lambda **_: answer  # type: ignore[method-assign]  # what it would return
    return answer if isinstance(answer, dict) else {}


def _warnings(answer: dict[str, Any]) -> list[str]:
    """Why an answer is only a part: Thanos and Mimir warn, VictoriaMetrics marks it. `infos` take nothing away."""
    warnings = answer.get("warnings") or []
    found = [str(one) for one in (warnings if isinstance(warnings, list) else [warnings])]
    return [*found, "isPartial"] if answer.get("isPartial") else found

"""The HTTP session under prometheus-api-client.

It sets what the client leaves open (a deadline on every request) and keeps what the client drops (the answer's
warnings: a partial answer otherwise looks like a whole one).
"""

from typing import Any

import requests


class DeadlineSession(requests.Session):
    """A session for one thread.

    Attributes:
        warnings: Of the last answer.
        error: What Prometheus said of the last query when it refused it; empty otherwise.
    """

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout
        self.warnings: list[str] = []
        self.error = ""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request that ends in time, and keep the answer's warnings."""
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._timeout
        self.warnings, self.error = [], ""
        response = super().request(*args, **kwargs)
        answer = _json(response)
        warnings = answer.get("warnings")
        self.warnings = [str(w) for w in warnings] if isinstance(warnings, list) else []
        self.error = str(answer.get("error") or "")
        return response


def _json(response: requests.Response) -> dict[str, Any]:
    # Only short answers are looked at twice: errors and warnings come without much data, and a large answer that has
    # them says so at its end, where looking costs little compared with parsing it all again.
    text = response.content
    if b'"warnings"' not in text[-4096:] and b'"error"' not in text[:4096]:
        return {}
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}

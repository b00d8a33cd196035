"""The page shows messages as they are sent, and its code verifies a signature as it is made."""

import re
from pathlib import Path
from typing import Any

from knowngood.adapters.notify.webhook import data_of, signature
from knowngood.api.v1alpha1.notification_status import OccasionKind
from knowngood.clock import SystemClock
from knowngood.messages.dispatches import dispatch_of
from knowngood.messages.message import Audience
from knowngood.messages.occasions import owed
from tests.messages.cases import NOW, file_of, held, told

PAGE = (Path(__file__).parents[2] / "docs" / "notifications.md").read_text()
JSON_KEYS = re.compile(r'^ "(\w+)":', re.MULTILINE)


def test_the_messages_of_the_page_are_those_that_are_sent() -> None:
    for audience in Audience:
        assert f"```\n{file_of('contained', audience).read_text()}```\n" in PAGE


def test_the_page_tells_every_occasion() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (yes|no) \|$", PAGE, re.MULTILINE)

    assert {name for name, _ in rows} == {kind.value for kind in OccasionKind}


def test_the_body_of_the_page_has_the_fields_that_are_sent() -> None:
    incident = told(held())
    occasion = owed(incident, None, now=NOW)
    assert occasion is not None
    sent = data_of(dispatch_of(incident, occasion, "one", Audience.OPERATIONS, None))

    (shown,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)

    assert JSON_KEYS.findall(shown) == list(sent)


def test_the_code_of_the_page_believes_what_is_signed_and_nothing_else() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    found: dict[str, Any] = {}
    exec(code, found)  # noqa: S102  - the code of our own page
    believed = found["is_from_knowngood"]
    now = int(SystemClock().now().timestamp())

    def headers(at: int, body: bytes, secret: str = "s3cr3t") -> dict[str, str]:  # noqa: S107  - of nobody
        return {
            "Knowngood-Timestamp": str(at),
            "Knowngood-Signature": signature(secret, str(at), body),
        }

    assert believed("s3cr3t", headers(now, b"{}"), b"{}")
    assert not believed("s3cr3t", headers(now, b"{}"), b"{ }")
    assert not believed("s3cr3t", headers(now, b"{}", "another"), b"{}")
    assert not believed("s3cr3t", headers(now - 600, b"{}"), b"{}")

"""The `Outside` port by HTTP: what monitors of scheduled jobs call a ping, a heartbeat or a check-in."""

from pathlib import Path
from typing import Final

from knowngood.adapters.notify.posting import Poster
from knowngood.errors import ReceiverAway
from knowngood.receivers.arms import secret_url
from knowngood.sources.source import SourceProblem, Tls

DEADLINE_S: Final = 10.0
FIELD: Final = "--dead-mans-switch"
_SHOWN: Final = "who listens to the dead man's switch"


class HttpSwitch:
    """Posts to one URL, which is a secret: whoever knows it can keep the switch quiet."""

    def __init__(self, url_file: Path, tls: Tls | None = None) -> None:
        """Connect to nothing yet.

        Args:
            url_file: Holds the URL; it is read for each beat, so it may change.
            tls: Whom to believe; by default the authorities of the system.
        """
        self._url_file = url_file
        self._poster = Poster(DEADLINE_S, tls or Tls())

    async def beat(self) -> None:
        """Post once."""
        try:
            url = secret_url(self._url_file, FIELD)
        except SourceProblem as problem:
            raise ReceiverAway(str(problem)) from problem
        await self._poster.post(url, b"{}", {}, shown=_SHOWN)

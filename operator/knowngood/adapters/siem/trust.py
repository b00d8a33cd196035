"""TLS to a SIEM, with certificates and keys from files that may be replaced at any time."""

import ssl

from knowngood.errors import SinkAway
from knowngood.sources.credentials import tls_state
from knowngood.sources.source import SourceProblem, Tls


class Trust:
    """Makes TLS contexts; another one when a file has changed."""

    def __init__(self, tls: Tls) -> None:
        self._tls = tls
        self._kept: tuple[object, ssl.SSLContext] | None = None

    def context(self) -> ssl.SSLContext:
        """Whom to believe, and what to show, by the files as they are now.

        Raises:
            SinkAway: A file can not be used.
        """
        try:
            state = tls_state(self._tls)
            if self._kept is None or self._kept[0] != state:
                self._kept = (state, self._read())
        except SourceProblem as problem:
            raise SinkAway(str(problem)) from problem
        except (OSError, ValueError) as error:  # a file is replaced just now
            raise SinkAway(f"tls: the files can not be used: {type(error).__name__}") from error
        return self._kept[1]

    def _read(self) -> ssl.SSLContext:
        tls = self._tls
        context = ssl.create_default_context(cafile=str(tls.ca_file) if tls.ca_file else None)
        if tls.cert_file is not None:
            context.load_cert_chain(tls.cert_file, tls.key_file, password=lambda: "")
        return context

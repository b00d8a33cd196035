"""TLS with certificates and keys from files that may be replaced at any time."""

import ssl

from knowngood.errors import KnowngoodError
from knowngood.sources.credentials import tls_state
from knowngood.sources.source import SourceProblem, Tls


class Trust:
    """Makes TLS contexts; another one when a file has changed."""

    def __init__(self, tls: Tls, away: type[KnowngoodError]) -> None:
        """Look at nothing yet.

        Args:
            tls: Which files they are.
            away: What is raised when one can not be used: whatever is sent has to wait.
        """
        self._tls = tls
        self._away = away
        self._kept: tuple[object, ssl.SSLContext] | None = None

    def context(self) -> ssl.SSLContext:
        """Whom to believe, and what to show, by the files as they are now.

        Raises:
            KnowngoodError: A file can not be used; the error that the maker has named.
        """
        try:
            state = tls_state(self._tls)
            if self._kept is None or self._kept[0] != state:
                self._kept = (state, self._read())
        except SourceProblem as problem:
            raise self._away(str(problem)) from problem
        except (OSError, ValueError) as error:  # a file is replaced just now
            raise self._away(f"tls: the files can not be used: {type(error).__name__}") from error
        return self._kept[1]

    def _read(self) -> ssl.SSLContext:
        tls = self._tls
        context = ssl.create_default_context(cafile=str(tls.ca_file) if tls.ca_file else None)
        if tls.cert_file is not None:
            context.load_cert_chain(tls.cert_file, tls.key_file, password=lambda: "")
        return context

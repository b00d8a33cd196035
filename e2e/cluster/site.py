"""What the parts of one cluster share while they start."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from e2e.cluster.binaries import Tools
from e2e.cluster.certificates import Authority, KeyPair
from e2e.cluster.errors import StartError
from e2e.cluster.kubectl import kubectl
from e2e.cluster.namespace import Namespace
from e2e.cluster.network import Subnet
from e2e.cluster.waiting import until


@dataclass(frozen=True, slots=True)
class Site:
    """One cluster's place: directories, addresses, keys, programs.

    Attributes:
        run_dir: Logs and data.
        subnet: Addresses.
        namespace: Where programs run.
        tools: Paths of programs.
        authority: Signs certificates.
        admin: The administrator's certificate.
        kubeconfig: The administrator's, usable from the host too.
    """

    run_dir: Path
    subnet: Subnet
    namespace: Namespace
    tools: Tools
    authority: Authority
    admin: KeyPair
    kubeconfig: Path

    @property
    def api_url(self) -> str:
        """Where the API server answers."""
        return f"https://{self.subnet.bridge}:6443"

    def directory(self, name: str) -> Path:
        """Return a directory in the run directory, making it if it is absent."""
        path = self.run_dir / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        """Run kubectl as the administrator; see `e2e.cluster.kubectl`."""
        cache = self.run_dir / "kubectl"
        return kubectl(self.tools.kubectl, self.kubeconfig, *args, stdin=stdin, cache=cache)

    def launch(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        ready: Callable[[], bool],
        env: Mapping[str, str] | None = None,
        deadline_s: float = 60,
    ) -> None:
        """Start a program and return when it is ready.

        Raises:
            StartError: it ended, or was not ready in time; carries the end of its log.
        """
        self.namespace.start(name, argv, env or {})

        def ready_and_alive() -> bool:
            code = self.namespace.exit_code(name)
            if code is not None:
                raise StartError(f"{name} ended with {code}\n{self.namespace.tail(name)}")
            return ready()

        until(
            ready_and_alive,
            f"{name} is ready",
            deadline_s=deadline_s,
            diagnose=lambda: self.namespace.tail(name),
        )

    @contextmanager
    def session(self) -> Iterator[requests.Session]:
        """Yield an HTTP session of the administrator."""
        with requests.Session() as session:
            session.trust_env = False  # no proxy leads into the cluster
            session.cert = (str(self.admin.certificate), str(self.admin.key))
            session.verify = str(self.authority.own.certificate)
            yield session

    def answers(self, url: str, *, host: str | None = None, status: int = 200) -> bool:
        """Tell whether a GET of the URL, as the administrator, is answered with the status."""
        headers = {"Host": host} if host else None
        with self.session() as session:
            try:
                reply = session.get(url, headers=headers, timeout=2, allow_redirects=False)
            except requests.RequestException:
                return False
        return reply.status_code == status

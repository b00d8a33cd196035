"""What a server needs that stands between pods and the API server."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from e2e.cluster.certificates import KeyPair
from e2e.cluster.site import Site


@dataclass(frozen=True, slots=True)
class Doorway:
    """An address of this machine that pods reach, and what they trust there.

    Attributes:
        address: Where to listen; any port is free.
        server: A certificate for this address, of the authority that pods trust.
        authority: The certificate of that authority.
        api_url: Where the API server itself answers.
        admin: The administrator's certificate.
    """

    address: str
    server: KeyPair
    authority: Path
    api_url: str
    admin: KeyPair

    @classmethod
    def of(cls, site: Site, name: str) -> Self:
        """Make one, with a certificate of its own."""
        address = site.subnet.host
        server = site.authority.issue(name, f"/CN={name}", addresses=[f"IP:{address}"])
        return cls(address, server, site.authority.own.certificate, site.api_url, site.admin)

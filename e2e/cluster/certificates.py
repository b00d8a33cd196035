"""Keys and certificates of one cluster, made by the openssl program (3.0 or newer)."""

import base64
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from e2e.cluster.errors import StartError

_EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Paths of a certificate, or a bare public key, and of the private key, all PEM."""

    certificate: Path
    key: Path


class Authority:
    """A certificate authority in a directory."""

    def __init__(self, directory: Path) -> None:
        """Make the authority's own key, and the key that signs tokens of service accounts."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._config = directory / "openssl.cnf"
        self._config.write_text("[req]\ndistinguished_name = name\n[name]\n")
        self.own = self._pair("ca")
        self._request(
            self.own,
            "/CN=knowngood-cluster",
            "basicConstraints=critical,CA:TRUE",
            "keyUsage=critical,keyCertSign,cRLSign",
            "subjectKeyIdentifier=hash",
        )
        self.tokens = KeyPair(directory / "tokens.pub", directory / "tokens.key")
        curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        _openssl("genpkey", *curve, "-out", str(self.tokens.key))
        _openssl(
            "pkey", "-in", str(self.tokens.key), "-pubout", "-out", str(self.tokens.certificate)
        )

    def issue(self, name: str, subject: str, *, addresses: Sequence[str] = ()) -> KeyPair:
        """Issue a certificate: for a server at the addresses, or without any for a client.

        Args:
            name: Of the files.
            subject: As openssl writes it: "/O=group/CN=user".
            addresses: "IP:10.0.0.1" or "DNS:localhost".
        """
        pair = self._pair(name)
        extensions = [
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical,digitalSignature",
            f"extendedKeyUsage={'serverAuth' if addresses else 'clientAuth'}",
            "subjectKeyIdentifier=hash",
            "authorityKeyIdentifier=keyid",
        ]
        if addresses:
            extensions.append(f"subjectAltName={','.join(addresses)}")
        self._request(pair, subject, *extensions, issuer=self.own)
        return pair

    def kubeconfig(self, path: Path, server: str, client: KeyPair) -> Path:
        """Write a kubeconfig that needs no other file."""
        user = {
            "client-certificate-data": _inline(client.certificate),
            "client-key-data": _inline(client.key),
        }
        cluster = {
            "server": server,
            "certificate-authority-data": _inline(self.own.certificate),
        }
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "knowngood", "cluster": cluster}],
            "users": [{"name": path.stem, "user": user}],
            "contexts": [
                {"name": "knowngood", "context": {"cluster": "knowngood", "user": path.stem}}
            ],
            "current-context": "knowngood",
        }
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        return path

    def _pair(self, name: str) -> KeyPair:
        return KeyPair(self._directory / f"{name}.crt", self._directory / f"{name}.key")

    def _request(
        self, pair: KeyPair, subject: str, *extensions: str, issuer: KeyPair | None = None
    ) -> None:
        files = ["-keyout", str(pair.key), "-out", str(pair.certificate)]
        options = ["-config", str(self._config), "-x509", "-days", "365", "-subj", subject]
        added = [word for extension in extensions for word in ("-addext", extension)]
        signed = ["-CA", str(issuer.certificate), "-CAkey", str(issuer.key)] if issuer else []
        _openssl("req", *_EC_KEY, *files, *options, *added, *signed)


def _openssl(*args: str) -> None:
    done = subprocess.run(["openssl", *args], capture_output=True, text=True, check=False)
    if done.returncode:
        raise StartError(f"openssl {args[0]} failed (3.0 or newer is needed):\n{done.stderr}")


def _inline(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()

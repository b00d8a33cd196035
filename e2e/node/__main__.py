"""Run the node: `python -m e2e.node --help`."""

import argparse
import asyncio
import ipaddress
import logging
import os
import sys
from pathlib import Path

from e2e.node.api import Access, Api
from e2e.node.images import Images
from e2e.node.network import Network
from e2e.node.node import Node
from e2e.node.pod import Services
from e2e.node.server import Server, tls_settings

_PORT = 10250  # where the API server looks for a kubelet


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m e2e.node", description=__doc__)
    parser.add_argument("--server", required=True, help="URL of the API server")
    parser.add_argument("--authority", type=Path, required=True, help="certificate of the cluster")
    parser.add_argument("--client-certificate", type=Path, required=True)
    parser.add_argument("--client-key", type=Path, required=True)
    parser.add_argument("--certificate", type=Path, required=True, help="of our own HTTPS port")
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--name", default="local", help="of the node")
    parser.add_argument("--bridge", required=True, help="its address with prefix length")
    parser.add_argument("--pods", required=True, help="range of addresses for pods")
    parser.add_argument("--images", type=Path, required=True, help="JSON: prefix to program")
    parser.add_argument("--logs", type=Path, required=True, help="directory for pods' output")
    parser.add_argument("--renew-tokens", type=float, metavar="S", help="at least this often")
    return parser.parse_args()


async def _run(args: argparse.Namespace) -> None:
    access = Access(args.server, args.authority, args.client_certificate, args.client_key)
    address = str(ipaddress.ip_interface(args.bridge).ip)
    host, port = args.server.removeprefix("https://").rsplit(":", 1)
    async with Api(access) as api:
        services = Services(
            api=api,
            network=Network(args.bridge, args.pods),
            images=Images(args.images),
            logs=args.logs,
            address=address,
            platform={
                "PATH": os.environ["PATH"],
                "HOME": "/",
                "KUBERNETES_SERVICE_HOST": host,
                "KUBERNETES_SERVICE_PORT": port,
            },
            renew_tokens_s=args.renew_tokens,
        )
        node = Node(args.name, _PORT, services)
        tls = tls_settings(args.authority, args.certificate, args.key)
        await Server(node, tls).start(address, _PORT)
        await node.run()


if __name__ == "__main__":
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    asyncio.run(_run(_arguments()))

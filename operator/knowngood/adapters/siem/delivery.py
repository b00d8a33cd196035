"""A TLS connection that brings something to a server and sees that it was read to its end.

The streams of asyncio take every end of a connection that they have closed for a good one: also a server's word that it
lets nobody in without a certificate, which TLS 1.3 says after the handshake. Here an alert or a reset is what it is.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

_PIECE: Final = 1 << 16

T = TypeVar("T")


async def deliver(data: bytes, where: tuple[str, int], context: ssl.SSLContext, name: str) -> None:
    """Connect, send, say that this is all, and wait until the server has ended its side too.

    An end without the `close_notify` of TLS counts as well: rsyslog on GnuTLS sends none. Where a server has not read
    everything, its system sends a reset instead.

    Args:
        data: What to send.
        where: Host and port.
        context: Whom to believe, and what to show.
        name: What the server's certificate must be for.

    Raises:
        OSError: It was not, or maybe not, read to its end.
    """
    reader, writer = await asyncio.open_connection(*where)
    try:
        tls = _Tls(reader, writer, context, name)
        await tls.send(data)
    except BaseException:
        # To close would wait until all is sent, and who does not read never takes it.
        writer.transport.abort()
        raise
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class _Tls:
    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        context: ssl.SSLContext,
        name: str,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)

    async def send(self, data: bytes) -> None:
        await self._drive(self._tls.do_handshake)
        rest = memoryview(data)
        while rest:
            rest = rest[await self._drive(partial(self._tls.write, rest)) :]
        with contextlib.suppress(ssl.SSLWantReadError):
            while True:  # an alert that has come already would pass for an end below
                self._tls.read(_PIECE)
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        await self._flush()
        with contextlib.suppress(ssl.SSLZeroReturnError, ssl.SSLEOFError):
            while await self._drive(partial(self._tls.read, _PIECE)):
                pass  # nobody has anything to tell us

    async def _drive(self, step: Callable[[], T]) -> T:
        """Repeat a step until it needs nothing more from the other side."""
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                await self._flush()
                piece = await self._reader.read(_PIECE)
                if piece:
                    self._incoming.write(piece)
                else:
                    self._incoming.write_eof()
            else:
                await self._flush()
                return done

    async def _flush(self) -> None:
        self._writer.write(self._outgoing.read())
        await self._writer.drain()

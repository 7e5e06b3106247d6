"""Ends TLS before a server that has none: what is not encrypted does not get past it.

The programs of the `server` extra are built without TLS, and so listen on the loopback alone.
"""

from __future__ import annotations

import asyncio
import ssl
import threading

_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
_GSS_REQUEST = bytes.fromhex("0000000804d21630")
_PART = 65_536
_HANDSHAKE_S = 10.0


class TlsFront:
    """Listens on `address` and `port`, and passes on to the loopback's `server_port`.

    Attributes:
        port: where it listens.
    """

    def __init__(self, context: ssl.SSLContext, address: str, port: int, server_port: int) -> None:
        self._context = context
        self._address = address
        self._server_port = server_port
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tls", daemon=True)

    def start(self) -> None:
        """Begin to listen; raises `OSError` when the address can't be had."""
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, self._address, self.port), self._loop
        )
        self._server = listening.result()
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Close what is open."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await self._is_encrypted(reader, writer):
                await self._pass_on(reader, writer)
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError, TimeoutError):
            pass  # theirs to try again
        finally:
            writer.close()

    async def _is_encrypted(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Do what a client asks before TLS, and TLS itself; `False` for what would go without."""
        async with asyncio.timeout(_HANDSHAKE_S):
            asked = await reader.readexactly(8)
            if asked == _GSS_REQUEST:
                writer.write(b"N")
                asked = await reader.readexactly(8)
            # What came behind the request came in the clear, and would pass for encrypted.
            if asked != _SSL_REQUEST or getattr(reader, "_buffer"):  # noqa: B009
                return False
            writer.write(b"S")
            await writer.drain()
            await writer.start_tls(self._context)
        return True

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        within, into = await asyncio.open_connection("127.0.0.1", self._server_port)
        ways = [
            asyncio.create_task(_pump(reader, into)),
            asyncio.create_task(_pump(within, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            into.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while part := await source.read(_PART):
        sink.write(part)
        await sink.drain()

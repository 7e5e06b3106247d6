"""A TCP proxy on the loopback that cuts connections: before a request has arrived, or after."""

from __future__ import annotations

import contextlib
import random
import selectors
import socket
import threading
from collections import Counter
from collections.abc import Mapping

_CHUNK = 262_144


class _Pair:
    """One connection: its client's end and its server's; `doomed` is cut at the next answer."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self.doomed = False

    def other(self, end: socket.socket) -> socket.socket:
        return self.server if end is self.client else self.client


class CuttingProxy(threading.Thread):
    """Passes bytes on to `port` of this machine, and cuts.

    Attributes:
        shares: how likely a request with such bytes in it is cut: half of those before the server
            gets it, half after it has carried it out and before its client hears of it.
        port: where it listens.
        cuts: how often it has cut, by those bytes, and whether "before" or "after".
    """

    def __init__(self, port: int, seed: int) -> None:
        super().__init__(name="cutting-proxy", daemon=True)
        self.cuts: Counter[tuple[bytes, str]] = Counter()
        self.shares: Mapping[bytes, float] = {}
        self._to = port
        self._random = random.Random(seed)
        self._stopping = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._door = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._door.getsockname()[1]
        self._selector.register(self._door, selectors.EVENT_READ)
        self.start()

    def run(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._selector.select(0.1):
                if key.fileobj is self._door:
                    self._open()
                    continue
                end, pair = key.fileobj, key.data
                assert isinstance(end, socket.socket)
                if end.fileno() >= 0:  # else its other end has just been cut
                    self._pass_on(end, pair)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def _open(self) -> None:
        client, _ = self._door.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self._to))
        except OSError:
            client.close()  # the server is down: so are we
            return
        pair = _Pair(client, server)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(end, selectors.EVENT_READ, pair)

    def _pass_on(self, end: socket.socket, pair: _Pair) -> None:
        try:
            chunk = end.recv(_CHUNK)
        except OSError:
            chunk = b""
        if not chunk or (end is pair.server and pair.doomed):
            self._cut(pair)
            return
        if end is pair.client:
            shares = self.shares
            mark = next((mark for mark in shares if mark in chunk), None)
            if mark is not None and self._random.random() < shares[mark]:
                pair.doomed = self._random.random() < 0.5
                self.cuts[mark, "after" if pair.doomed else "before"] += 1
                if not pair.doomed:
                    self._cut(pair)
                    return
        try:
            pair.other(end).sendall(chunk)
        except OSError:
            self._cut(pair)

    def _cut(self, pair: _Pair) -> None:
        for end in (pair.client, pair.server):
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(end)
            end.close()

    def close(self) -> None:
        """Cut everything and end."""
        self._stopping.set()
        self.join()

"""TLS before a server that has none: what comes in the clear gets no further."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.serving.certificates import Certificates
from app.serving.tls_front import TlsFront

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
GSS_REQUEST = bytes.fromhex("0000000804d21630")
WAIT_S = 20


class _Echo:
    """A server that answers what it gets, and keeps it."""

    def __init__(self) -> None:
        self.got = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with client:
                    while part := client.recv(1_000):
                        self.got += part
                        client.sendall(part.upper())

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def echo() -> Iterator[_Echo]:
    with contextlib.closing(_Echo()) as server:
        yield server


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path, ["localhost", "127.0.0.1"])


@pytest.fixture
def front(echo: _Echo, certificates: Certificates) -> Iterator[TlsFront]:
    made = TlsFront(certificates.context(), "127.0.0.1", 0, echo.port)
    made.start()
    yield made
    made.stop()


def _connected(front: TlsFront) -> socket.socket:
    return socket.create_connection(("127.0.0.1", front.port), WAIT_S)


def _within(client: socket.socket, root: Path, name: str) -> ssl.SSLSocket:
    return ssl.create_default_context(cafile=str(root)).wrap_socket(client, server_hostname=name)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_front_passes_on_what_is_encrypted(
    front: TlsFront, certificates: Certificates, name: str
) -> None:
    with _connected(front) as client:
        client.sendall(SSL_REQUEST)
        assert client.recv(1) == b"S"
        with _within(client, certificates.root, name) as within:
            within.sendall(b"hello")
            assert within.recv(100) == b"HELLO"


def test_front_declines_gss_and_goes_on_with_tls(
    front: TlsFront, certificates: Certificates
) -> None:
    with _connected(front) as client:
        client.sendall(GSS_REQUEST)
        assert client.recv(1) == b"N"
        client.sendall(SSL_REQUEST)
        assert client.recv(1) == b"S"
        with _within(client, certificates.root, "localhost") as within:
            within.sendall(b"hi")
            assert within.recv(100) == b"HI"


@pytest.mark.parametrize("first", [b"\0\0\0\x08\0\x03\0\0", SSL_REQUEST + b"injected"])
def test_front_hangs_up_on_what_comes_in_the_clear(
    front: TlsFront, echo: _Echo, first: bytes
) -> None:
    with _connected(front) as client:
        client.sendall(first)
        assert client.recv(1) == b""
    assert echo.got == b""


def test_certificate_for_another_name_is_not_believed(
    front: TlsFront, certificates: Certificates
) -> None:
    with _connected(front) as client:
        client.sendall(SSL_REQUEST)
        client.recv(1)
        with pytest.raises(ssl.SSLCertVerificationError):
            _within(client, certificates.root, "elsewhere")


def test_certificates_stay_until_the_names_change(tmp_path: Path) -> None:
    first = Certificates(tmp_path, ["tower"])
    root, server = first.root.read_bytes(), (tmp_path / "server.pem").read_bytes()
    Certificates(tmp_path, ["tower"])
    assert (tmp_path / "server.pem").read_bytes() == server
    Certificates(tmp_path, ["tower", "10.0.0.7"])
    assert (tmp_path / "server.pem").read_bytes() != server
    assert first.root.read_bytes() == root, "who has joined goes on believing it"


def test_keys_are_their_owners_alone(tmp_path: Path) -> None:
    Certificates(tmp_path, ["tower"])
    for name in ("authority.key", "server.pem"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0

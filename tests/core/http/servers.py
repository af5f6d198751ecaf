"""Servers on loopback that misbehave in one way each, below HTTP where real ones do."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Behaviour = Callable[[socket.socket], None]


def read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            break
        received += chunk
    return received


def read_whole_request(connection: socket.socket) -> bytes:
    """With its body, as long as the header says; empty when the client has closed."""
    received = read_request(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body if received else b""


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def answer(body: bytes = b'{"ok": true}', *, status: str = "200 OK", extra: str = "") -> Behaviour:
    def behave(connection: socket.socket) -> None:
        read_request(connection)
        head = (
            f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{extra}\r\n"
        )
        connection.sendall(head.encode() + body)

    return behave


def raw(text: bytes) -> Behaviour:
    """Answers exactly this and closes."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(text)

    return behave


def hearing(heard: list[bytes]) -> Behaviour:
    """Remembers each request, body included, and answers 200."""

    def behave(connection: socket.socket) -> None:
        heard.append(read_whole_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    return behave


def keeping(connections: list[socket.socket], *, slow: float = 0.0) -> Behaviour:
    """Answers request after request on a connection; one whose body says "slow" after a while."""

    def behave(connection: socket.socket) -> None:
        connections.append(connection)
        while request := read_whole_request(connection):
            time.sleep(slow if b"slow" in request else 0)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    return behave


def reset_before_read(connection: socket.socket) -> None:
    connection.recv(1, socket.MSG_PEEK)  # it has arrived, and nobody reads it
    reset(connection)


def reset_after_read(connection: socket.socket) -> None:
    read_request(connection)
    reset(connection)


def close_after_read(connection: socket.socket) -> None:
    read_request(connection)


def half_body(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def hang(connection: socket.socket) -> None:
    read_request(connection)
    connection.settimeout(5)
    with contextlib.suppress(OSError):
        connection.recv(1)


def drip(connection: socket.socket) -> None:
    """One byte of the header every 50 ms: each single read is quick, the whole never ends."""
    read_request(connection)
    with contextlib.suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)


def endless(connection: socket.socket) -> None:
    read_request(connection)
    with contextlib.suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


@contextlib.contextmanager
def serving(behave: Behaviour, *, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that treats every connection so; counts nothing, remembers nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    stop = threading.Event()

    def handle(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            behave(tls.wrap_socket(connection, server_side=True) if tls else connection)

    def accept() -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                connection.settimeout(5)
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        thread.join()
        listener.close()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's TLS that no client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context

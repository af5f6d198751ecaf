"""A small HTTP load generator: keep-alive connections on bare asyncio streams.

`run` asks for the same page again and again; `send` puts requests of one's own on the wire, as fast
as they are answered or at a pace. At a pace the clock of a request starts when it should have left,
so that a server that stalls is charged for all who waited, not for those alone who were first.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.report import quantile


@dataclass(frozen=True)
class Load:
    """What came of a run; times in milliseconds."""

    requests: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float = 0.0
    statuses: Mapping[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def run(
    port: int,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    requests: int = 1000,
    connections: int = 8,
) -> Load:
    """GET `path` `requests` times over `connections` connections to 127.0.0.1.

    Raises ConnectionError when the server closes a connection in the middle of an answer.
    """
    request = request_bytes(port, path, headers or {})
    return send(port, (request for _ in range(requests)), connections=connections)


def send(
    port: int, requests: Iterable[bytes], *, connections: int = 8, per_second: float | None = None
) -> Load:
    """Put each of the requests on the wire once; `per_second` is the pace, if there is one.

    Raises ConnectionError when the server closes a connection in the middle of an answer.
    """
    return asyncio.run(sending(port, requests, connections=connections, per_second=per_second))


def request_bytes(port: int, path: str, headers: Mapping[str, str]) -> bytes:
    """A GET, as it goes over the wire."""
    lines = {"Host": f"localhost:{port}", "Accept": "*/*", **headers}
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"GET {path} HTTP/1.1\r\n{text}\r\n".encode()


async def sending(
    port: int, requests: Iterable[bytes], *, connections: int, per_second: float | None = None
) -> Load:
    """`send`, for who has a loop already."""
    left = _paced(iter(requests), per_second)
    times: list[float] = []
    statuses: Counter[int] = Counter()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for due_at, request in left:
            if (early := due_at - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            sent = due_at or time.perf_counter()
            writer.write(request)
            status, _ = await answer(reader)
            statuses[status] += 1
            times.append(time.perf_counter() - sent)
        writer.close()
        await writer.wait_closed()

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(client())
    seconds = time.perf_counter() - started
    p50, p95, p99 = (quantile(times, share) * 1000 for share in (0.5, 0.95, 0.99))
    return Load(len(times), seconds, p50, p95, p99, dict(statuses))


def _paced(requests: Iterator[bytes], per_second: float | None) -> Iterator[tuple[float, bytes]]:
    """Each request with the time at which it should leave; 0 for at once."""
    began = time.perf_counter()
    for number, request in enumerate(requests):
        yield (began + number / per_second if per_second else 0.0), request


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one answer to its end; its status and body.

    Raises ConnectionError when the server closes the connection in the middle.
    """
    body = b""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = head.partition("content-length:")[2].partition("\r\n")[0].strip()
        if length:
            body = await reader.readexactly(int(length))
        elif "transfer-encoding: chunked" in head:
            body = await _chunks(reader)
    except asyncio.IncompleteReadError as error:
        raise ConnectionError("The server closed the connection.") from error
    return int(head.split(" ", 2)[1]), body


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return body

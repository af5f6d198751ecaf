"""The ingress as processes: granian as `bin/up` starts it and a scanner, at a database that a test
can take away (a gate between them and PostgreSQL), and a sender that counts what it was told."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.db import connection

from benchmarks.ingesting import posts
from ops import programs
from ops.config import read_config
from sandbox.testing import Handle
from tests import databases
from tests.faults import rig
from tests.webhooks import callbacks

MANY = 1_000


class Gate:
    """A port that leads to PostgreSQL. Shut, it cuts every connection and takes no new one; narrow,
    it lets so many through; held, it carries nothing until it is opened."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._through: set[socket.socket] = set()
        self._room = MANY
        self._carries = threading.Event()
        self._carries.set()
        known = connection.settings_dict
        login = known["USER"] + (f":{known['PASSWORD']}" if known["PASSWORD"] else "")
        self.url = f"postgres://{login}@127.0.0.1:{self._door.getsockname()[1]}/{known['NAME']}"
        threading.Thread(target=self._serve, daemon=True).start()

    def shut(self) -> None:
        """Away, as after `pg_ctl stop -m immediate`."""
        self.narrow(0)

    def narrow(self, room: int) -> None:
        """So many connections and no more, all of them new ones."""
        with self._lock:
            self._room = room
            for one in self._through:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def hold(self) -> None:
        """There, and silent."""
        self._carries.clear()

    def open(self) -> None:
        self._room = MANY
        self._carries.set()

    def close(self) -> None:
        self.open()
        self.shut()
        self._door.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._door.accept()
                with self._lock:
                    if len(self._through) // 2 >= self._room:
                        here.close()
                        continue
                    there = _postgres()
                    self._through |= {here, there}
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._carries.wait()
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._through -= {source, target}


def _postgres() -> socket.socket:
    known = connection.settings_dict
    host, port = known["HOST"] or "127.0.0.1", int(known["PORT"] or 5432)
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    there = socket.socket(socket.AF_UNIX)
    there.connect(f"{host}/.s.PGSQL.{port}")
    return there


@dataclass(frozen=True)
class Door:
    """A running ingress."""

    port: int
    web: rig.Program
    spool: Path

    def workers(self) -> list[int]:
        """The process ids of granian's workers."""
        children = Path(f"/proc/{self.web.process.pid}/task").glob("*/children")
        return [int(pid) for path in children for pid in path.read_text().split()]


@contextmanager
def running(
    sandbox: Handle,
    folder: Path,
    *,
    database_url: str = "",
    scans: bool = True,
    more: Mapping[str, str] | None = None,
) -> Iterator[Door]:
    """The web server, and a scanner beside it (which, without Redis, does the work itself)."""
    config = replace(read_config(), port=rig.free_port(), data_dir=folder)
    env = rig.environment(
        sandbox,
        DATABASE_URL=database_url or databases.url(),
        INGRESS_SPOOL_DIR=str(folder / "spool"),
        INGRESS_SPOOL_FREE_BYTES="0",
        DATA_DIR=str(folder),
        **(more or {}),
    )
    command = programs.web(config, env).command
    web = rig.Program([str(word) for word in command.argv], {**command.env})
    others = [rig.scanner(env)] if scans else []
    with rig.running(web, *others):
        rig.until(lambda: is_listening(config.port), 60, "granian did not start")
        yield Door(config.port, web, folder / "spool")


def is_listening(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Told:
    """What a sender was told, callback by callback; times in seconds."""

    taken: set[str] = field(default_factory=set)
    statuses: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    without_retry_after: int = 0

    def at(self, share: float) -> float:
        times = sorted(self.times)
        return times[min(len(times) - 1, int(len(times) * share))]


def a_post(address: str, wamid: str) -> bytes:
    """A signed message as it goes over the wire."""
    body = callbacks.envelope(callbacks.change(messages=[callbacks.text(wamid)]))
    return posts.request(address, body, {"X-Hub-Signature-256": callbacks.signature(body)})


async def keep_posting(
    port: int, address: str, *, per_second: float, seconds: float, series: str = "w"
) -> Told:
    """Post one message after another, each on a connection of its own; whoever is not told 200
    is not tried again, as a provider would: what counts is what we were told."""
    told = Told()

    async def post(number: int) -> None:
        wamid = f"wamid.{series}.{number}"
        began = time.perf_counter()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(a_post(address, wamid))
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            return  # a web process died: not taken
        status = int(head.split(" ", 2)[1])
        told.times.append(time.perf_counter() - began)
        told.statuses.append(status)
        if status == 200:
            told.taken.add(wamid)
        elif "retry-after" not in head:
            told.without_retry_after += 1

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(per_second * seconds)):
            if (early := began + number / per_second - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            group.create_task(post(number))
    return told


async def post_together(port: int, address: str, wamid: str, times: int) -> list[int]:
    """Post the same bytes so many times at once, over connections that stand; what was said."""
    request = a_post(address, wamid)
    ways = [await asyncio.open_connection("127.0.0.1", port) for _ in range(times)]
    for _, writer in ways:
        writer.write(request)
    heads = await asyncio.gather(*(reader.readuntil(b"\r\n\r\n") for reader, _ in ways))
    for _, writer in ways:
        writer.close()
    return [int(head.split(b" ", 2)[1]) for head in heads]


async def trickle(port: int, address: str, *, seconds: float) -> None:
    """A request whose body comes a byte a second."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    whole = a_post(address, "wamid.slow")
    head, _, body = whole.partition(b"\r\n\r\n")
    writer.write(head + b"\r\n\r\n")
    for number in range(int(seconds)):
        writer.write(body[number : number + 1])
        await asyncio.sleep(1)
    writer.close()

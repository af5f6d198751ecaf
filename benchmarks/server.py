"""What a benchmark runs against: a database to throw away, and granian on it, with its CPU time."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from benchmarks import load
from benchmarks.load import Load
from benchmarks.processes import Family, running
from ops import programs
from ops.child import Program
from ops.config import Config

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
WARMED_AT_ONCE = 8 * 1024**2


@contextmanager
def throwaway_database(*, migrate: bool = True) -> Iterator[str]:
    """A new database on the server of DATABASE_URL: its address; dropped afterwards.

    With `migrate` it has all tables and the template company.
    """
    address = os.environ["DATABASE_URL"]
    name = f"bench_{secrets.token_hex(4)}"
    url = urlsplit(address)._replace(path=f"/{name}").geturl()
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"create database {name}")
        try:
            if migrate:
                manage(url, "migrate_companies")
            yield url
        finally:
            server.execute(f"drop database {name} with (force)")


def kept_database(name: str, *, version: str, fill: Callable[[str], None]) -> str:
    """A migrated database that stays for the next run: its address.

    It is made and filled when there is none of this version; the version is noted (as the
    database's comment) when `fill`, which is given the address, has ended.
    """
    address = os.environ["DATABASE_URL"]
    url = urlsplit(address)._replace(path=f"/{name}").geturl()
    with psycopg.connect(address, autocommit=True) as server:
        found = server.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s",
            [name],
        ).fetchone()
        if found is not None and found[0] == version:
            manage(url, "migrate_companies")
            return url
        server.execute(f"drop database if exists {name} with (force)")
        server.execute(f"create database {name}")
        manage(url, "migrate_companies")
        fill(url)
        server.execute(f"comment on database {name} is '{version}'")
    return url


def warm(database_url: str) -> None:
    """Read a database's files once, in order, where they are on this machine: a database in use has
    them in memory, and on a slow disk a first look at each page would be all that is measured."""
    with psycopg.connect(database_url) as server:
        found = server.execute(
            "select current_setting('data_directory'), oid from pg_database"
            " where datname = current_database()"
        ).fetchone()
    assert found is not None
    folder = Path(found[0], "base", str(found[1]))
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with path.open("rb", buffering=0) as file:
            while file.read(WARMED_AT_ONCE):
                pass


def manage(database_url: str, *arguments: str) -> None:
    """Run a command of Django's manage.py on a database; raises CalledProcessError."""
    subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        env={**os.environ, "DATABASE_URL": database_url},
        cwd=ROOT,
        check=True,
    )


@dataclass(frozen=True)
class Server:
    """A running granian."""

    port: int
    pid: int

    def measure(
        self,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        requests: int = 1000,
        connections: int = 8,
    ) -> dict[str, float]:
        """Figures of a load: requests_per_second, p50_ms, p95_ms and cpu_ms per request.

        The CPU time is that of the server's processes alone. Raises AssertionError when an
        answer is not 200, since a fast error proves nothing.
        """
        before = self.cpu_seconds()
        done: Load = load.run(
            self.port, path, headers=headers, requests=requests, connections=connections
        )
        spent = self.cpu_seconds() - before
        if set(done.statuses) != {200}:
            raise AssertionError(f"{path} answered {done.statuses}")
        return {
            "requests_per_second": done.per_second,
            "p50_ms": done.p50_ms,
            "p95_ms": done.p95_ms,
            "cpu_ms": spent / done.requests * 1000,
        }

    def cpu_seconds(self) -> float:
        """User and system time of granian and its workers so far."""
        return Family(self.pid).cpu_seconds()


@contextmanager
def serving(
    database_url: str,
    *,
    application: str = "config.wsgi:application",
    workers: int = 1,
    threads: int = 4,
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """granian with a WSGI application on a free port, until the block ends.

    `env` comes on top of ours, `application` may be one of a benchmark's own (a bare view).
    """
    port = free_port()
    argv: list[str | Path] = [
        Path(sys.executable).with_name("granian"), application, "--interface", "wsgi",
        "--host", "127.0.0.1", "--port", str(port), "--http", "1", "--workers", str(workers),
        "--blocking-threads", str(threads), "--log-level", "error",
        "--workers-kill-timeout", "5",
    ]  # fmt: skip
    process = subprocess.Popen(
        argv,
        env={**os.environ, "DATABASE_URL": database_url, "PORT": str(port), **(env or {})},
        cwd=ROOT,
    )
    try:
        wait_until_listening(process, port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(15)


@contextmanager
def started(
    config: Config, env: Mapping[str, str], *makes: Callable[[Config, dict[str, str]], Program]
) -> Iterator[dict[str, Family]]:
    """Programs of the product (`ops.programs`) as `bin/up` runs them, until the block ends.

    They start in this order; one that listens does so before the next one starts.
    """
    ports = {programs.web: config.port, programs.sockets: config.socket_port}
    families = {}
    with ExitStack() as stack:
        for make in makes:
            program = make(config, dict(env))
            log = stack.enter_context((config.log_dir / f"{program.name}.log").open("ab"))
            process = stack.enter_context(running(program.command, stdout=log, stderr=log))
            families[program.name] = Family(process.pid)
            if make in ports:
                wait_until_listening(process, ports[make])
        yield families


def wait_until_listening(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Return when a server takes connections; raises RuntimeError when it does not start."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"granian did not start (exit code {process.poll()})")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

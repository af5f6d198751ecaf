"""PostgreSQL and Redis of a data directory: found running, or started for as long as needed.

Everybody who uses the embedded servers holds `services.lock` together with the others. Whoever
finds nothing running starts them; whoever can have the lock alone at the end was the last and
stops them. `services.guard` makes starting and stopping one at a time.
"""

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops import postgres, redis
from ops.config import Config
from ops.errors import OperationError
from ops.locks import FileLock, locked
from ops.logs import last_words
from ops.process import Command

DATABASE = "mia"
START_SECONDS = 60


@dataclass(frozen=True)
class Addresses:
    """Where the database and Redis are, as DATABASE_URL and REDIS_URL say it."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Services:
    """The embedded servers of one data directory; None where an outside one is used instead."""

    data_dir: Path
    log_dir: Path
    postgres: postgres.Postgres | None
    redis: redis.Redis | None
    addresses: Addresses

    def commands(self) -> dict[str, Command]:
        """The servers to start, by name, with what a crash left behind cleared away."""
        found: dict[str, Command] = {}
        if self.postgres:
            self.postgres.initialise()
            self.postgres.clear_stale_lock()
            found["postgres"] = self.postgres.command()
        if self.redis:
            found["redis"] = self.redis.command()
        return found

    def ready(self, name: str) -> bool:
        """Whether the server called `name` answers."""
        server = self.postgres if name == "postgres" else self.redis
        return server is not None and server.ready()

    def stop(self) -> None:
        """Stop what answers, whoever started it."""
        if self.redis:
            self.redis.stop()
        if self.postgres:
            self.postgres.stop()

    def database_mark(self) -> str:
        """What tells this database from one that replaced it, as far as we can know."""
        if self.postgres:
            return str((self.postgres.data / "PG_VERSION").stat().st_mtime_ns)
        return hashlib.sha256(self.addresses.database_url.encode()).hexdigest()

    def ensure_database(self) -> None:
        """Create the product's database in the embedded cluster at its first start."""
        if self.postgres:
            self.postgres.ensure_database(DATABASE)

    @property
    def lock_path(self) -> Path:
        """Held by everybody who uses the servers."""
        return self.data_dir / "services.lock"

    @property
    def guard_path(self) -> Path:
        """Held while the servers are started or stopped."""
        return self.data_dir / "services.guard"


def locate(config: Config, *, durable: bool = True) -> Services:
    """The services that the configuration asks for; nothing is started."""
    make_data_dir(config.data_dir)
    pg = None
    if not config.database_url:
        pg = postgres.locate(config.venv, config.data_dir, durable=durable)
    server = None
    if not config.redis_url:
        server = redis.locate(config.venv, config.data_dir, durable=durable)
    addresses = Addresses(
        config.database_url or (pg.url(DATABASE) if pg else ""),
        config.redis_url or (server.url if server else ""),
    )
    return Services(config.data_dir, config.log_dir, pg, server, addresses)


def make_data_dir(path: Path) -> None:
    """The data directory: others may pass through it (the database's user does), not list it."""
    try:
        path.mkdir(mode=0o711, parents=True, exist_ok=True)
        (path / "log").mkdir(mode=0o700, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise OperationError(
            f"{path} is not a directory.", "Remove it, or set DATA_DIR to another place."
        ) from None
    except PermissionError:
        raise OperationError(
            f"This user may not write to {path}.",
            "Give it the rights, or set DATA_DIR to a directory of its own.",
        ) from None


@contextmanager
def running(services: Services) -> Iterator[Addresses]:
    """Use the servers for a block: those that run, else ones started for it and stopped after."""
    if not services.postgres and not services.redis:
        yield services.addresses
        return
    lock = FileLock(services.lock_path)
    try:
        with locked(services.guard_path):
            lock.share()
            _start_missing(services)
            services.ensure_database()
        yield services.addresses
    finally:
        with locked(services.guard_path):
            if lock.try_take():
                services.stop()
        lock.close()


@contextmanager
def claimed(services: Services) -> Iterator[Callable[[], None]]:
    """Have the servers for oneself, stopped; the function given shares them once they run again.

    Waits for commands that still use servers of their own; those left by a crash are stopped.
    """
    lock = FileLock(services.lock_path)
    guard = FileLock(services.guard_path)
    try:
        guard.take()
        while not lock.try_take():  # those who use the servers need the guard to let go of them
            guard.release()
            time.sleep(0.1)
            guard.take()
        services.stop()

        def share() -> None:
            lock.share()
            guard.release()

        yield share
    finally:
        guard.close()
        lock.close()


def stop_leftovers(services: Services) -> bool:
    """Stop servers that nobody uses any more; whether there were any."""
    lock = FileLock(services.lock_path)
    try:
        with locked(services.guard_path):
            names = [name for name in ("postgres", "redis") if services.ready(name)]
            if not names or not lock.try_take():
                return False
            services.stop()
            return True
    finally:
        lock.close()


def wait_until(ready: Callable[[], bool], seconds: float, alive: Callable[[], bool]) -> bool:
    """Poll `ready` until it holds, `alive` no longer does, or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return True
        if not alive():
            return ready()
        time.sleep(0.05)
    return False


def _start_missing(services: Services) -> None:
    for name, command in services.commands().items() if not _all_ready(services) else ():
        if services.ready(name):
            continue
        log = services.log_dir / f"{name}.log"
        with log.open("ab") as output:
            process = command.popen(stdout=output, stderr=subprocess.STDOUT)
        if not wait_until(
            lambda name=name: services.ready(name),  # type: ignore[misc]
            START_SECONDS,
            lambda process=process: process.poll() is None,  # type: ignore[misc]
        ):
            raise OperationError(f"{name} did not start: {last_words(log)}.", f"See {log}.")


def _all_ready(services: Services) -> bool:
    return all(
        server.ready() for server in (services.postgres, services.redis) if server is not None
    )

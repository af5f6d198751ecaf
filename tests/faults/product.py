"""The whole product under test: its processes by name, its database, its API, as an outsider."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import redis

from ops.programs import QUEUES
from tests.e2e.stack import ROOT, Stack
from tests.faults.rig import until

PATIENCE = 180.0


@dataclass(frozen=True, slots=True)
class Product:
    """A running stack that may be hurt."""

    stack: Stack
    data_dir: Path

    # -- processes

    def pid(self, name: str) -> int:
        """The process called so in the supervisor's run file; one that was just killed is waited
        for, since the next blow may come before it is back."""
        until(lambda: name in self._children(), PATIENCE, f"{name} does not come back")
        return int(self._children()[name]["pid"])

    def _children(self) -> dict[str, dict[str, Any]]:
        run: dict[str, Any] = json.loads((self.data_dir / "run.json").read_text())
        return dict(run["children"])

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """A signal to one process and its children; the supervisor brings it back."""
        pid = self.pid(name)
        if name == "postgres":
            os.kill(pid, number)  # the postmaster sees to its own
        else:
            os.killpg(os.getpgid(pid), number)

    def environment(self) -> dict[str, str]:
        """What the product's processes were started with."""
        raw = Path(f"/proc/{self.pid('worker')}/environ").read_bytes()
        pairs = (line.partition("=") for line in raw.decode().split("\0") if line)
        return {name: value for name, _, value in pairs}

    @contextmanager
    def another_worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker beside the supervisor's, in a session of its own."""
        options = ["-P", "threads", "-c", "4", "-Q", QUEUES, "--without-gossip"]
        argv = [sys.executable, "-m", "celery", "-q", "-A", "config", "worker", *options]
        with (self.data_dir / "log" / "another_worker.log").open("ab") as log:
            process = subprocess.Popen(
                argv, cwd=ROOT, env=self.environment(), stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    # -- what it keeps

    def database(self, schema: str) -> psycopg.Connection[Any]:
        """A connection of an outsider, looking into one company's schema."""
        connection = psycopg.connect(self.environment()["DATABASE_URL"], autocommit=True)
        connection.execute(f"SET search_path TO {schema}, public")
        return connection

    def schema_of(self, slug: str) -> str:
        with psycopg.connect(self.environment()["DATABASE_URL"]) as connection:
            row = connection.execute(
                "SELECT schema_name FROM public.tenants_company WHERE slug = %s", [slug]
            ).fetchone()
        assert row is not None
        return str(row[0])

    def flush_redis(self) -> None:
        redis.Redis.from_url(self.environment()["REDIS_URL"]).flushall()

    # -- its provider

    def ledger(self, connection: str) -> list[dict[str, Any]]:
        """What the provider accepted from a number."""
        answer = httpx.get(f"{self.stack.sandbox}/_sandbox/ledger?connection={connection}")
        return [item for item in answer.json()["results"] if item["kind"] == "message"]

    def steer(self, path: str, **body: Any) -> None:
        httpx.post(f"{self.stack.sandbox}/_sandbox/{path}", json=body).raise_for_status()

    def pending_callbacks(self) -> int:
        return int(httpx.get(f"{self.stack.sandbox}/_sandbox/webhooks").json()["pending"])


class Api:
    """The product's API as a program uses it, patient while the product is being hurt."""

    def __init__(self, stack: Stack, company: str) -> None:
        self._client = httpx.Client(base_url=f"{stack.url}/api/v1/", timeout=60)
        said = {"email": stack.email, "password": stack.password, "company": company}
        self._credentials = said
        self._sign_in()

    def call(self, method: str, path: str, **more: Any) -> Any:
        """The answer's JSON; what fails for the product's being away is asked again."""
        ends_at = time.monotonic() + 60
        while True:
            try:
                answer = self._client.request(method, path, **more)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 401:
                self._sign_in()
            elif answer is not None and answer.status_code < 500:
                assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
                return answer.json() if answer.content else {}
            assert time.monotonic() < ends_at, f"{method} {path} stays unanswered"
            time.sleep(0.5)

    def wait(self, path: str, done: Callable[[Any], bool], seconds: float = PATIENCE) -> Any:
        found: list[Any] = [None]

        def look() -> bool:
            found[0] = self.call("GET", path)
            return done(found[0])

        until(look, seconds, f"{path} did not come so far: {found[0]}")
        return found[0]

    def _sign_in(self) -> None:
        answer = self._client.post("auth/token/", json=self._credentials)
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access']}"

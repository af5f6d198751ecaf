"""The reference worker (`benchmarks/reference_bullmq`): BullMQ, undici and pg in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg

from benchmarks.processes import Family, Meter, running
from benchmarks.sending.standin import StandIn, prove
from benchmarks.server import throwaway_database
from ops import redis
from ops.config import Config
from ops.services import wait_until
from ops.steps.frontend import node, npm

SOURCE = Path(__file__).parents[1] / "reference_bullmq"
NUMBER = "10655501234"
START_SECONDS = 10
_FILL = """
    insert into campaign_recipient (id, campaign_id, seq, phone, vars)
    select g, 1, g, '55119' || lpad(g::text, 8, '0'),
           jsonb_build_object('name', 'Maria ' || g, 'order', g::text)
    from generate_series(1, %s) g
"""


@dataclass(frozen=True)
class Reference:
    """An installed reference with its own database and Redis."""

    node: Path
    folder: Path
    env: Mapping[str, str]
    database_url: str
    servers: Mapping[str, Family]
    standin: StandIn

    def round(self, messages: int) -> dict[str, float]:
        """Enqueue and send a new campaign; its figures, with and without the enqueueing.

        Raises AssertionError when a message was lost or sent twice.
        """
        self._prepare(messages)
        meter = Meter.start({**self.servers, "standin": self.standin.family})
        enqueued = self._run("enqueue", messages)
        before_work = meter.read()
        worked = self._run("work", messages)
        spent = meter.read()
        self._check(messages)
        queueing = enqueued["cpu_seconds"] + before_work["postgres"] + before_work["redis"]
        seconds = enqueued["seconds"] + worked["seconds"]
        worker = enqueued["cpu_seconds"] + worked["cpu_seconds"]
        total = worker + spent["postgres"] + spent["redis"]
        per_thousand = 1000 / messages
        return {
            "messages_per_second": messages / seconds,
            "messages_per_second_queued": messages / worked["seconds"],
            "cpu_1k": total * per_thousand,
            "cpu_1k_queued": (total - queueing) * per_thousand,
            "worker_cpu_1k": worker * per_thousand,
            "postgres_cpu_1k": spent["postgres"] * per_thousand,
            "redis_cpu_1k": spent["redis"] * per_thousand,
            "standin_cpu_1k": spent["standin"] * per_thousand,
        }

    def _prepare(self, messages: int) -> None:
        with psycopg.connect(self.database_url, autocommit=True) as server:
            server.execute((SOURCE / "schema.sql").read_text())
            server.execute(_FILL, [messages])
            server.execute("analyze campaign_recipient")
            server.execute("checkpoint")
        self.standin.forget()

    def _run(self, step: str, messages: int) -> dict[str, Any]:
        done = subprocess.run(
            [self.node, "worker.mjs", step],
            cwd=self.folder,
            env={**self.env, "JOBS": str(messages)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"The reference failed: {done.stderr[-800:]}")
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def _check(self, messages: int) -> None:
        prove(self.standin.ledger(), messages)
        with psycopg.connect(self.database_url) as server:
            row = server.execute(
                "select count(*) from campaign_recipient where status = 2 and wamid is not null"
            ).fetchone()
        if row is None or row[0] != messages:
            raise AssertionError(f"the reference wrote {row} of {messages} rows")


@contextmanager
def installed(config: Config, standin: StandIn, postgres: Family) -> Iterator[Reference]:
    """The reference, its packages installed and its own Redis running, until the block ends."""
    folder = _install(config)
    with throwaway_database(migrate=False) as url, _own_redis(config) as (socket, family):
        address = urlsplit(url)
        env = {
            "GRAPH_URL": f"{standin.url}/v23.0/{NUMBER}/messages",
            "REDIS_SOCKET": str(socket),
            "PGHOST": parse_qs(address.query)["host"][0],
            "PGUSER": address.username or "",
            "PGDATABASE": address.path.lstrip("/"),
        }
        servers = {"postgres": postgres, "redis": family}
        yield Reference(node(config) / "bin" / "node", folder, env, url, servers, standin)


def _install(config: Config) -> Path:
    """A copy in the data directory with its packages, installed anew when the lock changed."""
    folder = config.data_dir / "reference_bullmq"
    lock = folder / "package-lock.json"
    is_fresh = (folder / "node_modules").exists() and lock.exists()
    is_fresh = is_fresh and lock.read_bytes() == (SOURCE / lock.name).read_bytes()
    if not is_fresh:
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
    if not is_fresh:
        npm(config, folder, "ci", "--no-audit", "--no-fund")
    return folder


@contextmanager
def _own_redis(config: Config) -> Iterator[tuple[Path, Family]]:
    """A Redis for the queue alone, which writes nothing to disk: its socket and its process."""
    home = config.data_dir / "reference"
    home.mkdir(exist_ok=True)
    server = redis.locate(config.venv, home, durable=False)
    with running(server.command(), stdout=subprocess.DEVNULL) as process:
        if not wait_until(server.ready, START_SECONDS, lambda: process.poll() is None):
            raise RuntimeError("The reference's Redis did not start.")
        yield server.socket, Family(process.pid)

"""The stand-in for Graph (`graph.mjs`): a Node process of its own, with its ledger."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.processes import Family, running
from ops.config import Config
from ops.process import Command
from ops.steps.frontend import node

PROGRAM = Path(__file__).with_name("graph.mjs")


@dataclass(frozen=True)
class StandIn:
    """A running stand-in.

    One client asks it everything: a new one costs 24 ms of CPU (its TLS context), and whoever
    waits for a round asks often, on the processors that the round is measured on.
    """

    port: int
    family: Family
    client: httpx.Client

    @property
    def host(self) -> str:
        """`127.0.0.1:<port>`."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """What stands for https://graph.facebook.com."""
        return f"http://{self.host}"

    def ledger(self) -> dict[str, int]:
        """What it took since `forget`: accepted, people, twice, connections."""
        return dict(self.client.get("/stats").json())

    def receipts(self) -> dict[str, float]:
        """What it told back since `forget`: told, posts, refused, waiting; `last`, the time of the
        last post; and how long a post took, p50 and p99 in milliseconds."""
        return dict(self.client.get("/receipts").json())

    def arrivals(self) -> dict[str, float]:
        """When each message of the watched number came (Unix times), by the value we sent along."""
        found = self.client.get("/arrivals").json()
        return {key: value / 1000 for key, value in found.items()}

    def forget(self) -> None:
        """Begin a new ledger."""
        self.client.post("/reset").raise_for_status()


@contextmanager
def serving(config: Config, env: Mapping[str, str] | None = None) -> Iterator[StandIn]:
    """The stand-in on a free port, until the block ends.

    Args:
        env: how it tells back what became of the messages (`receipts.mjs`; silent without), and
            the number it watches.
    """
    command = Command([node(config) / "bin" / "node", PROGRAM], PROGRAM.parent, dict(env or {}))
    with running(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            yield StandIn(port, Family(process.pid), client)


def prove(ledger: dict[str, int], messages: int) -> None:
    """A fast run that lost somebody or wrote twice proves nothing; raises AssertionError."""
    if (ledger["accepted"], ledger["people"], ledger["twice"]) != (messages, messages, 0):
        raise AssertionError(f"of {messages} messages the stand-in saw {ledger}")

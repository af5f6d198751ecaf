"""The processes of the product: what `bin/up` runs beside PostgreSQL and Redis."""

import os
from pathlib import Path

from ops.child import Program
from ops.config import Config
from ops.console import BLUE, CYAN, GREEN, GREY, MAGENTA, YELLOW
from ops.process import Command

SENDER_QUEUES = "sending"
WORKER_QUEUES = "replies,inbound,default,bulk"
QUEUES = f"{SENDER_QUEUES},{WORKER_QUEUES}"
WEB_SLOTS = 8  # at most; the connection pool of a process holds as many
# Most of them wait for bodies (core.slots); those that nobody needs end after half a minute.
WEB_THREADS = 256
HEADER_MILLISECONDS = 10_000
WORKER_THREADS = 8


def web(config: Config, env: dict[str, str]) -> Program:
    """Pages, API and webhooks: granian, WSGI."""
    cores = os.cpu_count() or 1
    workers = min(4, cores)
    slots = min(WEB_SLOTS, 2 * cores + 1)
    argv: list[str | Path] = [
        config.venv / "bin" / "granian", "config.wsgi:application", "--interface", "wsgi",
        "--host", config.host, "--port", str(config.port), "--http", "1",
        "--workers", str(workers), "--blocking-threads", str(WEB_THREADS),
        "--http1-header-read-timeout", str(HEADER_MILLISECONDS),
        # Not its warnings: it would have us count our threads by our processors.
        "--workers-kill-timeout", "8", "--respawn-failed-workers", "--log-level", "error",
    ]  # fmt: skip
    return Program("web", Command(argv, config.root, {**env, "WEB_SLOTS": str(slots)}), GREEN)


def sockets(config: Config, env: dict[str, str]) -> Program:
    """The live sockets: daphne, on a port of its own."""
    argv: list[str | Path] = [
        config.venv / "bin" / "daphne", "-b", config.host, "-p", str(config.socket_port),
        "-v", "0", "--no-server-name", "config.asgi:application",
    ]  # fmt: skip
    return Program("sockets", Command(argv, config.root, env), CYAN)


def sender(config: Config, env: dict[str, str]) -> Program:
    """What sends the campaigns."""
    return Program("sender", _celery(config, env, SENDER_QUEUES), YELLOW)


def worker(config: Config, env: dict[str, str]) -> Program:
    """What does everything else: answers, what comes in, the rest; and it lends a hand to the
    sender's fastest numbers."""
    return Program("worker", _celery(config, env, WORKER_QUEUES), YELLOW)


def _celery(config: Config, env: dict[str, str], queues: str) -> Command:
    """One process for these queues, with threads that share a connection pool."""
    argv: list[str | Path] = [
        config.venv / "bin" / "celery", "-q", "-A", "config", "worker", "-P", "threads",
        "-c", str(WORKER_THREADS), "-Q", queues, "-l", "warning",
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip
    return Command(argv, config.root, env)


def beat(config: Config, env: dict[str, str]) -> Program:
    """The calendar's ticks."""
    argv: list[str | Path] = [
        config.venv / "bin" / "celery", "-q", "-A", "config", "beat", "-l", "warning", "--pidfile=",
    ]  # fmt: skip
    return Program("beat", Command(argv, config.root, env), BLUE)


def scan(config: Config, env: dict[str, str]) -> Program:
    """The resident scanner of the agenda."""
    return Program("scan", manage(config, env, "scan"), MAGENTA)


def sandbox(config: Config, env: dict[str, str]) -> Program:
    """The stand-ins for the providers, with a phone on screen and a mailbox."""
    return Program("sandbox", Command([config.python, "-m", "sandbox"], config.root, env), GREY)


def product(config: Config, env: dict[str, str]) -> list[Program]:
    """All of them except the web server, which is started first."""
    stand_ins = [sandbox(config, env)] if config.sandbox else []
    return [*stand_ins, *(make(config, env) for make in (sockets, sender, worker, scan, beat))]


def manage(config: Config, env: dict[str, str], *arguments: str) -> Command:
    """A command of Django's manage.py."""
    return Command([config.python, config.root / "manage.py", *arguments], config.root, env)

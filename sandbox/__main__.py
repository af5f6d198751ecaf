"""``python -m sandbox``: serve until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

import uvloop
from aiohttp import web

from sandbox.app import create_app
from sandbox.config import Config


def main() -> int:
    """Run the process; 1 and a sentence when a port is taken or the folder cannot be written."""
    config = _config(sys.argv[1:])
    try:
        uvloop.run(_serve(config))
    except OSError as error:
        print(f"sandbox: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def _config(arguments: list[str]) -> Config:
    env = os.environ
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(env.get("SANDBOX_PORT", "5050")))
    parser.add_argument("--smtp-port", type=int, default=int(env.get("SANDBOX_SMTP_PORT", "0")))
    parser.add_argument(
        "--state-dir", type=Path, default=Path(env.get("SANDBOX_STATE_DIR", ".data/sandbox"))
    )
    product = f"http://127.0.0.1:{env.get('PORT', '5000')}"
    parser.add_argument("--webhook-base", default=env.get("SANDBOX_WEBHOOK_BASE", product))
    options = parser.parse_args(arguments)
    return Config(**vars(options))


async def _serve(config: Config) -> None:
    runner = web.AppRunner(create_app(config), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, config.host, config.port, backlog=1024)
    try:
        await site.start()
        port = runner.addresses[0][1]
        print(f"sandbox ready on http://{config.host}:{port}", flush=True)
        await _stopped()
    finally:
        await runner.cleanup()


async def _stopped() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    sys.exit(main())

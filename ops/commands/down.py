"""bin/down: stop what bin/up started in this data directory."""

import argparse
import os
import signal
import time

from ops import runfile
from ops.config import Config, read_config
from ops.console import say, step
from ops.errors import OperationError
from ops.process import Known
from ops.services import locate, stop_leftovers

PATIENCE = 40.0  # seconds; the supervisor needs up to three times ten


def main(arguments: list[str]) -> int:
    """Stop the supervisor and what a killed one left behind; 0 also when nothing ran."""
    argparse.ArgumentParser(prog="bin/down", description="Stop what bin/up started.").parse_args(
        arguments
    )
    config = read_config()
    if not config.data_dir.exists():
        say(f"Nothing runs: there is no {config.data_dir}.")
        return 0
    run = runfile.read_run(config.data_dir)
    stopped = False
    if run and run.supervisor.alive():
        with step(f"stopping {run.address}"):
            _end(run.supervisor)
        stopped = True
    if run and run.stop_leftovers():
        stopped = True
    if _stop_services(config):
        stopped = True
    runfile.path_in(config.data_dir).unlink(missing_ok=True)
    say("Stopped; nothing is left running." if stopped else f"Nothing runs in {config.data_dir}.")
    return 0


def _end(supervisor: Known) -> None:
    try:
        os.kill(supervisor.pid, signal.SIGTERM)
    except PermissionError:
        raise OperationError(
            f"It was started by another user (process {supervisor.pid}).",
            "Run bin/down as that user, or as root.",
        ) from None
    end = time.monotonic() + PATIENCE
    while supervisor.alive() and time.monotonic() < end:
        time.sleep(0.05)
    if supervisor.alive():
        os.kill(supervisor.pid, signal.SIGKILL)


def _stop_services(config: Config) -> bool:
    """Stop embedded servers that nobody uses; nothing to do where they were never installed."""
    try:
        return stop_leftovers(locate(config))
    except OperationError:
        if config.venv.exists():
            raise
        return False

"""bin/manage: Django's manage.py with this data directory's services and settings."""

import signal
import subprocess

from ops.config import read_config
from ops.environment import child_environment
from ops.services import locate, running
from ops.steps.python import ensure_packages


def main(arguments: list[str]) -> int:
    """Run manage.py, on the services of bin/up when it runs, else on ones of its own."""
    config = read_config()
    ensure_packages(config)
    with running(locate(config)) as addresses:
        env = child_environment(config, addresses)
        process = subprocess.Popen([config.python, config.root / "manage.py", *arguments], env=env)
        # Ctrl-C reaches the command by itself; the servers are stopped when it has ended.
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return process.wait()
        finally:
            signal.signal(signal.SIGINT, previous)

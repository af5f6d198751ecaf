"""bin/bench: one benchmark beside its reference, on services like those of a real machine."""

import shutil
import subprocess

from ops.child import Program
from ops.commands.test import throwaway
from ops.config import read_config
from ops.environment import child_environment
from ops.errors import OperationError
from ops.services import locate, running
from ops.steps.database import ensure_static
from ops.steps.frontend import ensure_frontend
from ops.steps.python import ensure_packages
from ops.steps.translations import ensure_translations


def main(arguments: list[str]) -> int:
    """Run `python -m benchmarks NAME …`; its last line is the result as one JSON object."""
    config = throwaway(read_config(), "bench")
    ensure_packages(config)
    ensure_frontend(config)
    ensure_translations(config)
    # What earlier benchmarks left in Redis names companies that are gone; workers would go through
    # all of it while something else is measured.
    shutil.rmtree(config.data_dir / "redis", ignore_errors=True)
    with running(locate(config)) as addresses:
        env = child_environment(config, addresses)
        ensure_static(config, env, finish)
        argv = [str(config.python), "-m", "benchmarks", *arguments]
        return subprocess.run(argv, cwd=config.root, env=env, check=False).returncode


def finish(program: Program) -> None:
    """Run a program of the set-up to its end; raises OperationError with its last words."""
    done = program.command.popen(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    words = done.communicate()[0].decode(errors="replace")
    if done.returncode:
        raise OperationError(f"{program.name} failed: {' '.join(words.split())[-500:]}.")

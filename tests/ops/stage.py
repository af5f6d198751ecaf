"""A supervisor with stand-in programs, run by test_supervisor in a process of its own.

Usage: python stage.py FOLDER NAME=CODE… ; CODE is Python, run by each stand-in.
"""

import sys
from pathlib import Path

from ops import runfile
from ops.child import Program
from ops.console import GREEN
from ops.process import Command, Known
from ops.supervisor import Supervisor


def main() -> None:
    folder = Path(sys.argv[1])
    run = runfile.Run(Known.of_self(), "http://localhost:1", "http://localhost:2")
    with Supervisor(folder, lambda now: run.with_children(now).write(folder / "run.json")) as boss:
        for argument in sys.argv[2:]:
            name, _, code = argument.partition("=")
            command = Command([sys.executable, "-c", code], folder, {"PYTHONUNBUFFERED": "1"})
            boss.start(Program(name, command, GREEN))
        sys.stdout.write("started\n")
        sys.stdout.flush()
        boss.run()


main()

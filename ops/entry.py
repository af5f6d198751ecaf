"""The door of every command in bin/, written so that an old Python gets a sentence too."""

import errno
import importlib
import os
import sys

OLDEST = (3, 11)


def run(command: str) -> None:
    """Run `ops.commands.<command>.main(arguments)` and end the process with its exit code."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"Master IA needs Python 3.11 or newer, and this is {sys.version.split()[0]}. "
            "Install it (Debian, Ubuntu: apt install python3.11 python3.11-venv) and run "
            f"python3.11 {sys.argv[0]}."
        )
    from ops.errors import OperationError

    try:
        main = importlib.import_module("ops.commands." + command).main
        code = main(sys.argv[1:])
    except OperationError as problem:
        code = _explain(str(problem))
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except OSError as error:
        if os.environ.get("OPS_TRACEBACK"):
            raise
        code = _explain(_sentence(error))
    sys.exit(code)


def _sentence(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full{where}. Free some space and run this again; nothing is lost."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"This user may not read or write a file that is needed{where}. Give it the rights, "
            "or set DATA_DIR to a directory of its own."
        )
    return f"The system refused{where}: {error.strerror or error}. OPS_TRACEBACK=1 shows more."


def _explain(text: str) -> int:
    sys.stdout.flush()
    sys.stderr.write("\n" + text + "\n")
    return 1

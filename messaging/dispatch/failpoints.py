"""Places where tests let the process die, as a power cut would: `FAILPOINT=<name>`."""

import os

BEFORE_WIRE = "before_wire"  # "sending" is committed, no byte has left
BEFORE_RECORD = "before_record"  # the answers are here, nothing of them is committed


def reach(name: str) -> None:
    """Die here if the environment says so; nothing otherwise."""
    if os.environ.get("FAILPOINT") == name:
        os._exit(9)

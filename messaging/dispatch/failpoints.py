"""Places where tests let the process die, as a power cut would: `FAILPOINT=<name>`, or
`FAILPOINT=claimed:<address>` for a message that kills whoever takes it."""

import os
from collections.abc import Iterable

BEFORE_WIRE = "before_wire"  # "sending" is committed, no byte has left
BEFORE_RECORD = "before_record"  # the answers are here, nothing of them is committed
CLAIMED = "claimed"  # messages are claimed, nothing of them has begun


def reach(name: str) -> None:
    """Die here if the environment says so; nothing otherwise."""
    if os.environ.get("FAILPOINT") == name:
        os._exit(9)


def meet(addresses: Iterable[str]) -> None:
    """Die if a message to the address that the environment names is among these."""
    name, _, poison = os.environ.get("FAILPOINT", "").partition(":")
    if name == CLAIMED and poison in addresses:
        os._exit(9)

"""Unix sockets, whose paths the kernel keeps under 107 bytes, and ports."""

import hashlib
import os
import socket
import tempfile
from pathlib import Path

LONGEST = 106  # bytes of sun_path on Linux without the closing zero (unix(7)); macOS has 103


def socket_directory(home: Path, name: str) -> Path:
    """`home`, or a short directory of our own when `home`/`name` is too long for a socket."""
    if len(os.fsencode(home / name)) < min(LONGEST, 103):
        return home
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"master-ia-{mark}"


def listening(port: int) -> bool:
    """Whether something on this machine accepts connections at `port`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False

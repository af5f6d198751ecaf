"""For tests: a sandbox as a process of its own.

::

    with start() as sandbox:
        sandbox.http.get("/_sandbox/ledger")
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import httpx

_ROOT = Path(__file__).resolve().parent.parent
_READY = "sandbox ready on "
_PATIENCE = 10.0


@dataclass(slots=True)
class Handle:
    """A running sandbox: its address, its SMTP port (0: none), its folder, a line to it.

    The line is kept open: a client for each request would read the machine's certificates anew.
    """

    url: str
    smtp_port: int
    state_dir: Path
    http: httpx.Client = field(repr=False)
    _process: subprocess.Popen[str] = field(repr=False)
    _folder: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)

    @property
    def graph(self) -> str:
        """Base URL of the Graph API with a version."""
        return f"{self.url}/graph/v23.0"

    def stop(self) -> None:
        """End the process (SIGTERM, then by force) and remove a folder we made."""
        self.http.close()
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        if self._folder:
            self._folder.cleanup()

    def __enter__(self) -> Handle:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    *,
    port: int = 0,
    smtp: bool = False,
    state_dir: Path | None = None,
    webhook_base: str = "",
) -> Handle:
    """Start a sandbox and return when it answers.

    ``port`` 0 takes a free one, ``smtp`` opens a mail port too, ``state_dir`` is a temporary
    folder unless given. Raises RuntimeError when the process ends instead of answering.
    """
    folder = None if state_dir else tempfile.TemporaryDirectory(prefix="sandbox-")
    home = state_dir or Path(folder.name if folder else "")
    smtp_port = _free_port() if smtp else 0
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "sandbox", "--port", str(port)),
            *("--smtp-port", str(smtp_port), "--state-dir", str(home)),
            *("--webhook-base", webhook_base),
        ],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline() if process.stdout else ""
    if not line.startswith(_READY):
        process.wait(_PATIENCE)
        raise RuntimeError(f"the sandbox did not start: {line.strip() or process.returncode}")
    url = line.removeprefix(_READY).strip()
    http = httpx.Client(base_url=url, timeout=_PATIENCE, trust_env=False)
    return Handle(url, smtp_port, home, http, process, folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

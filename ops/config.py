"""The settings of the commands, read from the environment and `.env` (the environment wins)."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OperationError

ROOT = Path(__file__).resolve().parent.parent
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


@dataclass(frozen=True)
class Config:
    """What a command needs to know before anything of Django runs.

    `values` is the whole environment with the lines of `.env` below it; the children inherit it.
    """

    root: Path
    data_dir: Path
    host: str
    port: int
    socket_port: int
    sandbox_port: int
    smtp_port: int
    demo: bool
    sandbox: bool
    database_url: str
    redis_url: str
    values: Mapping[str, str]

    @property
    def venv(self) -> Path:
        """The virtual environment of this checkout."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The interpreter with the product's packages."""
        return self.venv / "bin" / "python"

    @property
    def log_dir(self) -> Path:
        """Where each process keeps its own log."""
        return self.data_dir / "log"

    @property
    def address(self) -> str:
        """The platform's address in a browser on this machine."""
        return self.values.get("PLATFORM_URL") or f"http://localhost:{self.port}"

    @property
    def sandbox_address(self) -> str:
        """The sandbox's address in a browser on this machine."""
        return f"http://localhost:{self.sandbox_port}"


def read_config(environ: Mapping[str, str] | None = None, root: Path = ROOT) -> Config:
    """The configuration of this checkout; raises OperationError naming a wrong variable."""
    given = os.environ if environ is None else environ
    values = {**read_dotenv(root / ".env"), **{name: text for name, text in given.items() if text}}
    port = _port(values, "PORT", 5000)
    sandbox_port = _port(values, "SANDBOX_PORT", 5050)
    return Config(
        root=root,
        data_dir=(root / Path(values.get("DATA_DIR", ".data")).expanduser()).resolve(),
        host=values.get("BIND", "127.0.0.1"),
        port=port,
        socket_port=_port(values, "SOCKET_PORT", port + 1),
        sandbox_port=sandbox_port,
        smtp_port=_port(values, "SANDBOX_SMTP_PORT", sandbox_port + 1),
        demo=_switch(values, "DEMO", default=True),
        sandbox=_switch(values, "SANDBOX", default=True),
        database_url=values.get("DATABASE_URL", ""),
        redis_url=values.get("REDIS_URL", ""),
        values=values,
    )


def read_dotenv(path: Path) -> dict[str, str]:
    """The `NAME=value` lines of a `.env` file: comments, `export` and quotes are understood."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise OperationError(f"{path} cannot be read ({error}).", "Repair or remove it.") from None
    values = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = re.fullmatch(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*", line)
        if not found:
            raise OperationError(
                f"Line {number} of {path} is not NAME=value.", "Correct or remove it."
            )
        if value := _unquote(found[2]):
            values[found[1]] = value
    return values


def _unquote(text: str) -> str:
    quoted = re.match(r"""(?P<mark>["'])(?P<inside>.*?)(?P=mark)\s*(#.*)?$""", text)
    if quoted:
        return quoted["inside"]
    return re.sub(r"(^|\s)#.*$", "", text).strip()


def _port(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise OperationError(
            f"{name} is {text!r}, which is no port.", f"Set {name} between 1 and 65535."
        )
    return int(text)


def _switch(values: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = values.get(name, "").lower()
    if text in TRUE | FALSE:
        return text in TRUE
    if text:
        raise OperationError(
            f"{name} is {text!r}, which is neither on nor off.", f"Set {name} to 1 or 0."
        )
    return default

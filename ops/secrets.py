"""The secrets of this machine: made once, kept in the data directory, readable by its owner."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from ops.config import Config, read_dotenv

MAKERS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "ENCRYPTION_KEYS": lambda: f"k1:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}",
}


def local_secrets(config: Config) -> dict[str, str]:
    """The secrets that the environment does not give, made at the first call.

    ENCRYPTION_KEYS follows core.crypto: `kid:key`, each key 32 bytes in URL-safe base64.
    """
    wanted = [name for name in MAKERS if not _given(config, name)]
    if not wanted:
        return {}
    path = config.data_dir / "secret.env"
    kept = read_dotenv(path)
    missing = [name for name in wanted if name not in kept]
    if missing:
        kept |= {name: MAKERS[name]() for name in missing}
        write_private(path, "".join(f'{name}="{value}"\n' for name, value in kept.items()))
    return {name: kept[name] for name in wanted}


def _given(config: Config, name: str) -> bool:
    return bool(config.values.get(name) or config.values.get(f"{name}_FILE"))


def write_private(path: Path, text: str) -> None:
    """Write a whole file at once (never a half one), readable by its owner alone."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)

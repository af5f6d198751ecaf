"""Step: the virtual environment and the packages in it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ops.config import Config
from ops.console import step
from ops.errors import OperationError, cure_for
from ops.locks import locked
from ops.stamps import Stamp, digest

RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
PACKAGES_MB = 1500  # what the installed packages need at most
OFFLINE = ("connection", "resolve", "network", "timed out", "timeout", "unreachable", "dns")


def ensure_packages(config: Config, *requirements: str) -> None:
    """Make `.venv` and install each requirements file whose content changed since the last time.

    Two commands that set up at once wait for each other.
    """
    names = requirements or (RUNTIME,)
    stamps = [_stamp(config, name) for name in names]
    if usable(config.venv) and all(stamp.fresh() for stamp in stamps):
        return
    with locked(config.root / ".setup.lock"):
        if not usable(config.venv):
            with step("virtual environment"):
                _make_venv(config)
        for name, stamp in zip(names, stamps, strict=True):
            if not stamp.fresh():
                with step(f"packages of {name}"):
                    _need_space(config.root)
                    _install(config, name)
                    stamp.write()


def _stamp(config: Config, name: str) -> Stamp:
    return Stamp(config.venv / f".{name}.stamp", digest(config.root, [name]))


def usable(venv: Path) -> bool:
    """Whether the environment's interpreter starts; a half-made or moved one does not."""
    try:
        done = subprocess.run(
            [venv / "bin" / "python", "-c", "import sys; sys.exit(sys.version_info < (3, 11))"],
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0 and _made_here(venv)


def _made_here(venv: Path) -> bool:
    """Whether its programs start its own interpreter, not that of the one it was copied from."""
    try:
        with (venv / "bin" / "pip").open("rb") as program:
            return os.fsencode(venv / "bin") in program.read(500)
    except OSError:
        return False


def _make_venv(config: Config) -> None:
    shutil.rmtree(config.venv, ignore_errors=True)
    done = _captured([sys.executable, "-m", "venv", str(config.venv)], {})
    if done.returncode == 0:
        return
    words = done.stdout + done.stderr
    shutil.rmtree(config.venv, ignore_errors=True)
    if "ensurepip" in words:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise OperationError(
            "This Python cannot make virtual environments: its module ensurepip is missing.",
            f"Install it (Debian, Ubuntu: apt install python{version}-venv) and run this again.",
        )
    raise OperationError(f"python -m venv failed: {_ending(words)}")


def _install(config: Config, name: str) -> None:
    """By uv, which is several times faster; by pip where uv cannot be had or does not manage."""
    python = str(config.python)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    uv = config.venv / "bin" / "uv"
    if uv.exists() or _captured([*pip, "uv"], {}).returncode == 0:
        arguments = [str(uv), "pip", "install", "--quiet", "--python", python, "-r", name]
        if _captured(arguments, _uv_settings(python), cwd=config.root).returncode == 0:
            return
    done = _captured([*pip, "-r", name], {}, cwd=config.root)
    if done.returncode:
        words = done.stdout + done.stderr
        cure = "Mend that and run this again."
        if any(word in words.lower() for word in OFFLINE):
            cure = "Check the network or the package index (pip config), then run this again."
        cure = cure_for(words, cure)
        raise OperationError(
            f"The packages of {name} could not be installed: {_ending(words)}", cure
        )


def _uv_settings(python: str) -> dict[str, str]:
    """pip's own settings in uv's words, so that a private index configured for pip is used."""
    done = _captured([python, "-m", "pip", "config", "list"], {})
    words = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_EXTRA_INDEX_URL",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    found = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition("=")
        word = words.get(name.rpartition(".")[2])
        if word:
            text = value.strip("'\"").replace("\\n", " ")
            found[word] = ",".join(text.split()) if word == "UV_FIND_LINKS" else text
    # As pip does: the best version over all indexes, not the first index that knows the name.
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_LINK_MODE": "copy", **found}


def _need_space(root: Path) -> None:
    free = shutil.disk_usage(root).free >> 20
    if free < PACKAGES_MB:
        raise OperationError(
            f"Only {free} MB are free on the disk of {root}, the packages need {PACKAGES_MB} MB.",
            "Free some space and run this again.",
        )


def _captured(
    argv: Sequence[str], env: dict[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    merged = {**env, **os.environ}
    return subprocess.run(argv, capture_output=True, text=True, check=False, env=merged, cwd=cwd)


def _ending(words: str) -> str:
    return " ".join(words.split())[-500:]

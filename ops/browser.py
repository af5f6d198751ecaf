"""A Chromium for the browser tests: the system's, else one that can be had without asking."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from ops.config import Config
from ops.console import step
from ops.errors import OperationError
from ops.steps.frontend import node, npm

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGE = "@sparticuz/chromium@153.0.0"
ADVICE = (
    "No Chromium was found or could be installed, so the browser part was not run. Install one "
    "(Debian, Ubuntu: apt install chromium) or set CHROMIUM_PATH to its program."
)


def find_chromium(config: Config) -> Path | None:
    """A Chromium that starts here; installs one where the system has none, None if that fails."""
    if given := config.values.get("CHROMIUM_PATH"):
        if not _starts(Path(given)):
            raise OperationError(f"CHROMIUM_PATH names no Chromium that starts: {given}.")
        return Path(given)
    ways: dict[str, Callable[[Config], Path | None]] = {
        "Chromium from apt": _by_apt,
        "Chromium from npm": _by_npm,
        "Chromium from Playwright": _by_playwright,
    }
    found = _of_system(config) or _installed_before(config)
    for title, way in ways.items():
        if found:
            break
        try:
            with step(title):
                found = _working(way(config))
        except (OperationError, OSError, subprocess.SubprocessError):
            continue
    if found:
        _note(config).write_text(str(found))
    return found


def _working(path: Path | None) -> Path:
    if path is None or not _starts(path):
        raise OperationError("It does not start.")
    return path


def _starts(path: Path) -> bool:
    """Whether it renders an empty page; without its own sandbox, since tests may run as root."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "about:blank"]
    try:
        done = subprocess.run(
            [path, *flags], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "<html" in done.stdout


def _of_system(config: Config) -> Path | None:
    found = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in found if path and _starts(Path(path))), None)


def _note(config: Config) -> Path:
    return config.data_dir / "chromium.path"


def _installed_before(config: Config) -> Path | None:
    try:
        path = Path(_note(config).read_text())
    except OSError:
        return None
    return path if _starts(path) else None


def _by_apt(config: Config) -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run(
            ["apt-get", "-q", *arguments], env=env, check=True, capture_output=True, timeout=300
        )
    return _of_system(config)


def _by_npm(config: Config) -> Path | None:
    folder = config.data_dir / "chromium"
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    npm(config, folder, "install", "--no-audit", "--no-fund", PACKAGE)
    script = "import c from '@sparticuz/chromium';process.stdout.write(await c.executablePath())"
    done = subprocess.run(
        [node(config) / "bin" / "node", "--input-type=module", "-e", script],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return Path(done.stdout.strip())


def _by_playwright(config: Config) -> Path | None:
    subprocess.run(
        [config.python, "-m", "playwright", "install", "chromium"],
        check=True,
        capture_output=True,
        timeout=300,
    )
    script = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    done = subprocess.run(
        [config.python, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return Path(done.stdout.strip())

"""bin/test: lint, types, tests, a selection of faults and the browser, all on real services."""

import argparse
import subprocess
from dataclasses import replace
from pathlib import Path

from ops.browser import ADVICE, find_chromium
from ops.config import Config, read_config
from ops.console import YELLOW, paint, say, step
from ops.environment import child_environment
from ops.errors import OperationError
from ops.locks import FileLock
from ops.ports import free_ports
from ops.services import locate, make_data_dir, running
from ops.stages import Runner, Tally
from ops.steps.frontend import ensure_frontend
from ops.steps.python import DEVELOPMENT, RUNTIME, ensure_packages
from ops.steps.translations import ensure_translations

MODES = ("all", "fast", "faults", "e2e")
# Whoever is done takes from the other's end: neighbours share what their module has set up.
PARALLEL = ("-n", "2", "--dist", "worksteal")
QUICK = "not e2e and not faults and not faults_short"
SWIFT = f"{QUICK} and not thorough"  # while one works; what it leaves out, bin/test runs


def main(arguments: list[str]) -> int:
    """Run the stages of a mode; 0 when all succeeded. The last line sums up all tests."""
    mode, extra = _parse(arguments)
    config = throwaway(read_config(), "test")
    lock = FileLock(config.data_dir / "test.lock")
    if not lock.try_take():
        raise OperationError(
            f"Another bin/test runs in {config.data_dir}.",
            "Wait for it, or give this one a DATA_DIR of its own.",
        )
    ensure_packages(config, RUNTIME, DEVELOPMENT)
    ensure_frontend(config)
    ensure_translations(config)
    tally = Tally()
    with running(locate(config, durable=False)) as addresses:
        env = child_environment(config, addresses)
        env |= {"TEST_DATABASE_URL": addresses.database_url, "TEST_REDIS_URL": addresses.redis_url}
        if mode != "e2e":  # the product in a browser has a database of its own
            _build_database(config, env)
        _run(mode, extra, config, Runner(config.root, env, config.data_dir, tally))
    say(f"\n{tally.closing_line()}")
    return 0 if tally.good else 1


def _parse(arguments: list[str]) -> tuple[str, list[str]]:
    parser = argparse.ArgumentParser(
        prog="bin/test", description="Set up and test.", epilog="Further arguments go to pytest."
    )
    parser.add_argument("mode", nargs="?", choices=MODES, default="all")
    first = arguments[:1] if arguments and arguments[0] in (*MODES, "-h", "--help") else []
    return parser.parse_args(first).mode, arguments[len(first) :]


def throwaway(config: Config, name: str) -> Config:
    """The configuration for data that may be lost, on free ports and with servers of its own.

    DATABASE_URL and REDIS_URL are left aside on purpose: they may name what is in use.
    """
    port, socket_port, sandbox_port, smtp_port = free_ports(4)
    ours = {"DATABASE_URL", "REDIS_URL", "PLATFORM_URL", "SOCKET_URL", "DATA_DIR"}
    inner = replace(
        config,
        data_dir=config.data_dir / name,
        port=port,
        socket_port=socket_port,
        sandbox_port=sandbox_port,
        smtp_port=smtp_port,
        database_url="",
        redis_url="",
        values={name: text for name, text in config.values.items() if name not in ours},
    )
    make_data_dir(config.data_dir)
    make_data_dir(inner.data_dir)
    return inner


def _build_database(config: Config, env: dict[str, str]) -> None:
    """The database that all tests get a copy of, unless the migrations are still the same."""
    with step("test database"):
        settings = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        done = subprocess.run(
            [config.python, "-m", "tests.databases"],
            cwd=config.root, env={**env, **settings}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise OperationError(
                f"The test database could not be built: {done.stderr[-2000:]}",
                "Mend the migrations; bin/test e2e needs no such database.",
            )


def _run(mode: str, extra: list[str], config: Config, runner: Runner) -> None:
    chosen = bool(extra)
    if mode in ("all", "fast"):
        _lint(config, runner)
        selection = SWIFT if mode == "fast" else QUICK
        quick = ["tests", *PARALLEL, "-m", selection, *extra]
        runner.pytest("tests", config.python, quick, chosen=chosen)
    if mode == "all":
        short = ["tests", "-m", "faults_short", *extra]
        runner.pytest("faults", config.python, short, chosen=chosen)
    if mode == "faults":
        runner.pytest("faults", config.python, ["tests", "-m", "faults", *extra], chosen=chosen)
    if mode in ("all", "e2e"):
        _browser(config, runner, extra)


def _lint(config: Config, runner: Runner) -> None:
    programs = config.venv / "bin"
    manage = config.root / "manage.py"
    runner.commands(
        "lint",
        [programs / "ruff", "check", "--output-format", "concise"],
        [programs / "ruff", "format", "--check"],
        [programs / "lint-imports"],
        [config.python, manage, "makemigrations", "--check", "--dry-run"],
    )
    runner.commands("types", [programs / "mypy", "."])


def _browser(config: Config, runner: Runner, extra: list[str]) -> None:
    chromium: Path | None = find_chromium(config)
    if chromium is None:
        say(paint(f"\n{ADVICE}", YELLOW))
        runner.tally.notes.append("browser part not run")
        return
    runner.env["CHROMIUM_PATH"] = str(chromium)
    # A product for each of the two: half of a tour is waiting for it.
    tours = ["tests/e2e", *PARALLEL, *extra]
    runner.pytest("browser", config.python, tours, chosen=bool(extra))

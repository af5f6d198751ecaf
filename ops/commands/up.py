"""bin/up: set up what changed, start everything, stay until somebody stops it."""

import argparse
import http.client
import shutil
import time
from collections.abc import Callable

from ops import programs, runfile
from ops.child import Program
from ops.config import Config, read_config
from ops.console import CYAN, GREEN, paint, say, step
from ops.detach import detached
from ops.environment import child_environment
from ops.errors import OperationError
from ops.locks import FileLock
from ops.ports import require_free
from ops.process import Known
from ops.services import Services, claimed, locate, make_data_dir
from ops.sockets import listening
from ops.steps import database
from ops.steps.frontend import ensure_frontend
from ops.steps.python import ensure_packages
from ops.steps.translations import ensure_translations
from ops.supervisor import Interrupted, Supervisor

START_SECONDS = 90
DATA_MB = 300  # what the data directory needs to begin with


def main(arguments: list[str]) -> int:
    """Start everything here, or with --detach in the background; 0 when it ran and was stopped."""
    parser = argparse.ArgumentParser(prog="bin/up", description="Set up and start everything.")
    parser.add_argument("--detach", action="store_true", help="return when ready; bin/down stops")
    options = parser.parse_args(arguments)
    config = read_config()
    make_data_dir(config.data_dir)
    lock = FileLock(config.data_dir / "up.lock")
    if not lock.try_take():
        return _already_runs(config, lock, wait=options.detach)
    if options.detach:
        return detached(lambda ready: _serve(config, ready, stop_with="bin/down"))
    return _serve(config, lambda: None, stop_with="Ctrl-C")


def _already_runs(config: Config, lock: FileLock, *, wait: bool) -> int:
    """Say where it runs; with `wait` return only when it is ready, as if we had started it."""
    run = runfile.read_run(config.data_dir)
    say(f"Master IA already runs at {run.address if run else config.address} (bin/down stops it).")
    if not wait:
        return 1
    while not healthy(config.port):
        if lock.try_take():
            raise OperationError("It stopped before it was ready.", "Run bin/up --detach again.")
        time.sleep(0.2)
    return 0


def _serve(config: Config, ready: Callable[[], None], *, stop_with: str) -> int:
    say(paint("Master IA", GREEN))
    _prepare(config)
    services = locate(config)
    run = runfile.Run(Known.of_self(), config.address, config.sandbox_address)

    def changed(children: dict[str, Known]) -> None:
        run.with_children(children).write(runfile.path_in(config.data_dir))

    try:
        with claimed(services) as share, Supervisor(config.log_dir, changed) as supervisor:
            env = _start_services(config, services, supervisor)
            share()
            new_demo = _fill(config, env, services, supervisor)
            _start_product(config, env, supervisor)
            _welcome(config, new_demo=new_demo, stop_with=stop_with)
            ready()
            supervisor.run()
            say("\nStopping …")
    except Interrupted:
        say("\nStopped before everything ran.")
        return 130
    finally:
        runfile.path_in(config.data_dir).unlink(missing_ok=True)
    say("Stopped; nothing is left running.")
    return 0


def _prepare(config: Config) -> None:
    """What needs no services: room, ports, packages, front end, translations."""
    earlier = runfile.read_run(config.data_dir)
    if earlier and earlier.leftovers():
        with step("what an earlier run left behind"):
            earlier.stop_leftovers()
    free = shutil.disk_usage(config.data_dir).free >> 20
    if free < DATA_MB:
        raise OperationError(
            f"Only {free} MB are free on the disk of {config.data_dir}; {DATA_MB} MB are needed.",
            "Free some space, or set DATA_DIR to a directory on another disk.",
        )
    require_free(config.host, _ports(config))
    ensure_packages(config)
    ensure_frontend(config)
    ensure_translations(config)


def _ports(config: Config) -> dict[str, int]:
    ports = {"PORT": config.port, "SOCKET_PORT": config.socket_port}
    if config.sandbox:
        ports |= {"SANDBOX_PORT": config.sandbox_port, "SANDBOX_SMTP_PORT": config.smtp_port}
    return ports


def _start_services(config: Config, services: Services, supervisor: Supervisor) -> dict[str, str]:
    """Start PostgreSQL and Redis as far as they are ours; the environment of all that follows."""
    with step("PostgreSQL and Redis"):
        for name, command in services.commands().items():
            child = supervisor.start(Program(name, command))
            supervisor.wait_for(lambda name=name: services.ready(name), name, 60, [child])  # type: ignore[misc]
        services.ensure_database()
    return child_environment(config, services.addresses)


def _fill(config: Config, env: dict[str, str], services: Services, supervisor: Supervisor) -> bool:
    """Static files, tables and demo company, as far as they are out of date."""
    database.ensure_static(config, env, supervisor.finish)
    database.ensure_tables(config, env, services, supervisor.finish)
    return database.ensure_demo(config, env, services, supervisor.finish)


def _start_product(config: Config, env: dict[str, str], supervisor: Supervisor) -> None:
    """The web server first, so that somebody can sign in while the others start."""
    with step("web"):
        web = supervisor.start(programs.web(config, env))
        supervisor.wait_for(lambda: healthy(config.port), "The web server", START_SECONDS, [web])
    with step("sockets, workers, scanner" + (", sandbox" if config.sandbox else "")):
        others = [supervisor.start(program) for program in programs.product(config, env)]
        listeners = [port for name, port in _ports(config).items() if name != "PORT"]
        supervisor.wait_for(
            lambda: all(listening(port) for port in listeners), "Something", START_SECONDS, others
        )


def healthy(port: int) -> bool:
    """Whether `GET /health` on this machine answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _welcome(config: Config, *, new_demo: bool, stop_with: str) -> None:
    lines = {"Master IA": paint(config.address, CYAN)}
    if config.sandbox:
        lines["Sandbox phone"] = paint(config.sandbox_address, CYAN)
    demo = database.demo_sign_in(config) if config.demo else {}
    if demo:
        where = database.demo_file(config)
        password = demo.get("password") if new_demo else f"as before, see {where}"
        lines["Demo sign-in"] = demo["email"]
        lines["Password"] = password or "the one in DEMO_PASSWORD"
    lines["Stop"] = stop_with
    say()
    for name, text in lines.items():
        say(f"  {name:<14} {text}")
    say()

"""Steps inside the running services: tables, static files, the demo company."""

import hmac
import json
from collections.abc import Callable
from pathlib import Path

from ops.child import Program
from ops.config import Config
from ops.console import step
from ops.programs import manage
from ops.services import Services
from ops.stamps import Stamp, digest

MIGRATIONS = ("*/migrations/*.py", "*/*/migrations/*.py", "requirements.txt")
STATIC = ("static/**/*", "*/static/**/*", "requirements.txt")

Finish = Callable[[Program], None]


def ensure_static(config: Config, env: dict[str, str], finish: Finish) -> None:
    """Collect the static files with hashed names into the data directory."""
    target = config.data_dir / "static"
    stamp = Stamp(config.data_dir / "stamps" / "static", digest(config.root, STATIC))
    if stamp.fresh() and (target / "staticfiles.json").exists():
        return
    with step("static files"):
        command = manage(config, env, "collectstatic", "--noinput", "--clear", "-v", "0")
        finish(Program("collectstatic", command, restart=False))
        stamp.write()


def ensure_tables(config: Config, env: dict[str, str], services: Services, finish: Finish) -> None:
    """Migrate all schemas; an outside database is always asked, it may have been replaced."""
    stamp = _stamp(config, services, "tables", digest(config.root, MIGRATIONS))
    if stamp.fresh() and services.postgres:
        return
    with step("tables"):
        command = manage(config, env, "migrate_companies")
        finish(Program("migrate", command, restart=False))
        stamp.write()


def ensure_demo(config: Config, env: dict[str, str], services: Services, finish: Finish) -> bool:
    """Create the demo company once for each database and password; whether it was done now."""
    password = env.get("DEMO_PASSWORD", "")
    mark = hmac.digest(env["SECRET_KEY"].encode(), password.encode(), "sha256").hex()
    stamp = _stamp(config, services, "demo", mark)
    if not config.demo or (stamp.fresh() and demo_file(config).exists()):
        return False
    with step("demo company"):
        finish(Program("demo", manage(config, env, "demo"), restart=False))
        stamp.write()
    return True


def _stamp(config: Config, services: Services, name: str, key: str) -> Stamp:
    """A stamp that is void when the database behind it is another one."""
    return Stamp(config.data_dir / "stamps" / name, f"{key} {services.database_mark()}")


def demo_file(config: Config) -> Path:
    """Where the demo's sign-in is written (mode 0600)."""
    return config.data_dir / "demo.json"


def demo_sign_in(config: Config) -> dict[str, str]:
    """The demo's sign-in; empty when there is none."""
    try:
        return dict(json.loads(demo_file(config).read_text()))
    except (OSError, ValueError):
        return {}

"""Test databases: copies of one template that is built once for a set of migrations.

A template holds two companies (Aurora and Boreal). Each xdist worker copies it in a quarter of a
second; a test that commits for real gets a fresh copy afterwards instead of a flush, which cannot
truncate public tables that schemas refer to.

`python -m tests.databases` builds the template: bin/test does it while it sets up, else the first
worker that needs it would, and all others would wait.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import django
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql

LOCK = 7_251_001
COMPANIES = (("Aurora", "aurora"), ("Boreal", "boreal"))


@contextmanager
def _server() -> Iterator[psycopg.Connection]:
    config = connection.settings_dict
    with psycopg.connect(
        dbname="postgres",
        host=config["HOST"] or None,
        port=config["PORT"] or None,
        user=config["USER"] or None,
        password=config["PASSWORD"] or None,
        autocommit=True,
    ) as server:
        yield server


def template_name() -> str:
    """Named by what builds it: the migrations, the clone and this file."""
    root = Path(settings.BASE_DIR)
    digest = hashlib.sha256()
    sources = [*root.glob("*/migrations/*.py"), *root.glob("*/*/migrations/*.py")]
    sources += [root / "tenants/schemas.py", root / "requirements.txt", Path(__file__)]
    for path in sorted(sources):
        if ".venv" not in path.parts:
            digest.update(path.read_bytes())
    return f"test_template_{digest.hexdigest()[:12]}"


def use(name: str) -> None:
    """Point Django's connection at another database."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def ensure_template() -> str:
    """Build the template unless it is there; workers wait for each other on an advisory lock."""
    name = template_name()
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not found:
            _build(server, name)
    return name


def _build(server: psycopg.Connection, name: str) -> None:
    draft = f"{name}_draft"
    _drop(server, draft)
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    use(draft)
    call_command("migrate_companies", verbosity=0)
    from tenants.services.companies import create_company

    for company, slug in COMPANIES:
        # Tests run at any hour; those of quiet hours set hours of their own.
        create_company(name=company, slug=slug, owner=None, language="en")
    connection.close()
    server.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(draft), sql.Identifier(name)
        )
    )


def copy(template: str, name: str) -> None:
    """Make (anew) a worker's database from the template and use it."""
    connection.close()
    with _server() as server:
        _drop(server, name)
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    use(name)


@contextmanager
def committing() -> Iterator[None]:
    """What is committed inside goes with the copy, which is made anew afterwards."""
    template, name = template_name(), connection.settings_dict["NAME"]
    try:
        yield
    finally:
        copy(template, name)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is rolled back, so that what comes next finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def drop(name: str) -> None:
    connection.close()
    with _server() as server:
        _drop(server, name)


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def url() -> str:
    """DATABASE_URL of the database in use, for other processes; a socket's folder is a parameter
    (a host with slashes does not survive in the place of a host)."""
    config = connection.settings_dict
    host, port = config["HOST"] or "", config["PORT"] or ""
    login = config["USER"] + (f":{config['PASSWORD']}" if config["PASSWORD"] else "")
    if host.startswith("/"):
        return f"postgres://{login}@/{config['NAME']}?host={quote(host, safe='')}"
    address = f"{host}:{port}" if port else host
    return f"postgres://{login}@{address}/{config['NAME']}"


if __name__ == "__main__":
    django.setup()
    ensure_template()

"""No company, no query: what loses the company's schema is not written at all."""

import ast
from pathlib import Path

from tests.architecture.sources import ROOT, calls, dotted, place, python_files, tree

ASYNC_CACHE = {"aget", "aset", "adelete", "aget_or_set", "aget_many", "aset_many"}
ASYNC_ORM = {
    "aget",
    "acreate",
    "acount",
    "aexists",
    "afirst",
    "alast",
    "asave",
    "adelete",
    "aupdate",
    "abulk_create",
    "aiterator",
    "aget_or_create",
    "aupdate_or_create",
    "arefresh_from_db",
}
# The one helper that crosses from async code into a company's schema, and who it is made of.
BRIDGE = {"core/scope.py"}
# Processes beside the database: the migration command waits for subprocesses.
THREADS_ALLOWED = {"tenants/management/commands/migrate_companies.py"}
THREADS = {"Thread", "ThreadPoolExecutor", "ProcessPoolExecutor", "Timer"}
OUTBOUND = {"httpx", "requests", "aiohttp", "urllib.request", "http.client"}
OUTBOUND_ALLOWED = {"core/http.py", "core/http"}


def relative(path: object) -> str:
    return str(path.relative_to(ROOT))  # type: ignore[attr-defined]


def test_async_code_never_touches_orm_or_cache() -> None:
    found = [
        place(path, call)
        for path in python_files()
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in ASYNC_CACHE | ASYNC_ORM
        and relative(path) != "core/cache.py"
    ]
    assert found == []


def test_only_the_bridge_crosses_from_async_to_sync() -> None:
    crossing = {"sync_to_async", "database_sync_to_async", "async_to_sync", "to_thread"}
    found = [
        place(path, call)
        for path in python_files()
        for call in calls(path)
        if dotted(call.func).split(".")[-1] in crossing and relative(path) not in BRIDGE
    ]
    assert found == []


def starts_thread(path: Path, call: ast.Call) -> bool:
    """Whether it is a thread of the machine, not messaging's Thread of messages."""
    name = dotted(call.func)
    return name.split(".")[-1] in THREADS and (
        name.startswith(("threading.", "concurrent.", "futures."))
        or any(
            isinstance(node, ast.ImportFrom)
            and node.module in ("threading", "concurrent.futures")
            and name in {alias.asname or alias.name for alias in node.names}
            for node in ast.walk(tree(path))
        )
    )


def test_nobody_starts_threads() -> None:
    found = [
        place(path, call)
        for path in python_files()
        for call in calls(path)
        if starts_thread(path, call) and relative(path) not in THREADS_ALLOWED
    ]
    assert found == []


def test_celery_gets_no_countdown_and_no_eta() -> None:
    found = [
        place(path, call)
        for path in python_files()
        for call in calls(path)
        if {"countdown", "eta"} & {keyword.arg for keyword in call.keywords}
    ]
    assert found == []


def test_outbound_http_goes_through_core() -> None:
    found = []
    for path in python_files():
        if relative(path).startswith(tuple(OUTBOUND_ALLOWED)):
            continue
        for node in ast.walk(tree(path)):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            found += [place(path, node) for name in names if name in OUTBOUND]
    assert found == []

"""One door for writes: only services (and what they are made of) change state."""

import ast
from pathlib import Path

from tests.architecture.sources import ROOT, calls, dotted, place, python_files

# What parses, delegates and renders.
THIN = {"views", "api", "consumers", "admin", "receivers", "tasks", "forms", "selectors"}
WRITES = {
    "save",
    "delete",
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "update",
}
HINTS = {"delay", "apply_async", "send_task"}
# Verbs of other things that share a name with a write.
HARMLESS_RECEIVERS = {
    "context",
    "headers",
    "kwargs",
    "initial",
    "attrs",
    "digest",
    "data",
    "params",
}


def is_thin(path: Path) -> bool:
    parts = path.relative_to(ROOT).with_suffix("").parts[1:]
    return bool(THIN & set(parts)) and "core" not in path.relative_to(ROOT).parts[:1]


def is_write(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    name, receiver = call.func.attr, dotted(call.func.value)
    if name in HINTS:
        return True
    if name not in WRITES or receiver.split(".")[-1] in HARMLESS_RECEIVERS:
        return False
    # A service module's verb (services.contacts.delete(...)) is the door itself.
    return ".objects" in f".{receiver}" or (
        name in {"save", "delete"} and "super" not in ast.dump(call.func.value)
    )


def test_views_consumers_admin_and_receivers_change_nothing_themselves() -> None:
    found = [
        place(path, call)
        for path in python_files()
        if is_thin(path)
        for call in calls(path)
        if is_write(call)
    ]
    assert found == []


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    drawers = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert [str(path) for path in python_files() if path.name in drawers] == []

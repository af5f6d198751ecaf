"""The product's own source files, parsed once for all guards."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "core",
    "tenants",
    "events",
    "team",
    "crm",
    "connections",
    "messaging",
    "conversations",
    "campaigns",
    "webhooks",
    "integrations",
)


@cache
def python_files() -> tuple[Path, ...]:
    """Every module of the product's apps, without migrations."""
    files = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    return tuple(path for path in files if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a name or attribute chain; its tail for anything deeper."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))

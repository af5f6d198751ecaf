"""Small and mirrored."""

import ast

import pytest

from tests.architecture.sources import ROOT, place, python_files, templates, tree

LONGEST_FUNCTION = 60
LONGEST_FILE = 450


def test_functions_are_short() -> None:
    found = [
        f"{place(path, node)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert found == []


def test_files_are_short() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path in python_files()
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    ]
    assert found == []


def test_every_service_has_its_test_file() -> None:
    services = [path for path in python_files() if "services" in path.parts]
    missing = [
        str(path.relative_to(ROOT))
        for path in services
        if path.name != "__init__.py" and not list((ROOT / "tests").rglob(f"test_{path.name}"))
    ]
    assert missing == []


@pytest.mark.parametrize("needle", ["<script>", "<style", ' style="', " onclick=", "|safe"])
def test_templates_hold_nothing_inline_and_escape_everything(needle: str) -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in templates()
        # Mail programs read no style sheets; Django's own help texts are marked-up lists.
        if not (needle == ' style="' and {"mail", "email"} & set(path.parts))
        and needle in path.read_text().replace("field.help_text|safe", "")
    ]
    assert found == []

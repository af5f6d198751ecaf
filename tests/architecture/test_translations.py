"""Every sentence that people read exists in Brazilian Portuguese, with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from django.utils.translation.template import templatize

from ops.messages import read_entries
from tests.architecture.sources import ROOT, dotted, python_files, templates, tree

PO = ROOT / "locale" / "pt_BR" / "LC_MESSAGES" / "django.po"
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL_CALLS = {"ngettext", "ngettext_lazy"}
CONTEXT_CALLS = {"pgettext", "pgettext_lazy"}
LITERAL = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATES = re.compile(rf"\b(n?p?gettext)\(\s*{LITERAL}(?:\s*,\s*{LITERAL})?", re.DOTALL)
# {{name}} is what people type into a template, an example that may be translated as well.
PLACEHOLDERS = re.compile(r"%\((\w+)\)[sd]|(?<!\{)\{(\w+)\}(?!\})")
# The gallery of components is for developers.
FOR_DEVELOPERS = {"templates/core/gallery.html"}


@cache
def catalogue() -> dict[str, tuple[str, ...]]:
    entries = [entry for entry in read_entries(PO) if not entry.fuzzy]
    return {entry.parts["msgid"]: tuple(entry.value.split("\0")) for entry in entries}


def msgids() -> Iterator[str]:
    for path in python_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                yield from _in_call(node)
    for path in templates():
        if str(path.relative_to(ROOT)) not in FOR_DEVELOPERS:
            yield from _in_template(path.read_text())


def _in_call(call: ast.Call) -> Iterator[str]:
    name = dotted(call.func).split(".")[-1]
    place = 0 if name in CALLS | PLURAL_CALLS else 1 if name in CONTEXT_CALLS else None
    if place is None or len(call.args) <= place:
        return
    value = call.args[place]
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


def _in_template(source: str) -> Iterator[str]:
    for name, first, second in IN_TEMPLATES.findall(templatize(source)):
        yield ast.literal_eval(second if name == "pgettext" else first)


def test_every_sentence_is_translated() -> None:
    missing = sorted({msgid for msgid in msgids() if msgid and not any(catalogue().get(msgid, ()))})
    assert missing == []


def test_translations_keep_their_placeholders() -> None:
    wrong = [
        entry.parts["msgid"]
        for entry in read_entries(PO)
        if _names(entry.value) - _names(entry.parts["msgid"] + entry.parts.get("msgid_plural", ""))
    ]
    assert wrong == []


def _names(text: str) -> set[str]:
    return {one or other for one, other in PLACEHOLDERS.findall(text)}

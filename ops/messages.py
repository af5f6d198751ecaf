"""Translations: `.po` files compiled to `.mo` without the gettext programs.

Format: https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html
"""

import ast
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ops.errors import OperationError

MAGIC = 0x950412DE
HEADER_BYTES = 28


@dataclass
class Entry:
    """One message of a `.po` file: its parts by keyword (`msgid`, `msgstr[1]` …)."""

    fuzzy: bool = False
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key in the compiled catalogue: context, id and plural id with their separators."""
        context = self.parts.get("msgctxt")
        plural = self.parts.get("msgid_plural")
        prefix = "" if context is None else f"{context}\4"
        return prefix + self.parts["msgid"] + ("" if plural is None else f"\0{plural}")

    @property
    def value(self) -> str:
        """The translation, or all plural forms; empty when one of them is missing."""
        forms = [text for name, text in self.parts.items() if name.startswith("msgstr")]
        return "\0".join(forms) if all(forms) else ""


def compile_catalogue(source: Path, target: Path) -> None:
    """Write the `.mo` of a `.po`; raises OperationError naming the line that is wrong."""
    entries = {
        entry.key: entry.value
        for entry in read_entries(source)
        if entry.value and (not entry.fuzzy or not entry.key)
    }
    target.write_bytes(_pack({k.encode(): v.encode() for k, v in entries.items()}))


def read_entries(source: Path) -> Iterator[Entry]:
    """The messages of a `.po` file, obsolete ones left out."""
    entry, keyword = Entry(), ""
    for number, raw in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        starts_next = line.startswith(("#", "msgctxt", "msgid ")) and "msgstr" in keyword
        if starts_next:
            yield entry
            entry, keyword = Entry(), ""
        if line.startswith("#,") and "fuzzy" in line:
            entry.fuzzy = True
        if not line or line.startswith("#"):
            continue
        word, text = _split(line, source, number)
        keyword = word or keyword
        entry.parts[keyword] = text if word else entry.parts.get(keyword, "") + text
    if "msgid" in entry.parts:
        yield entry


def _split(line: str, source: Path, number: int) -> tuple[str, str]:
    word, _, quoted = line.partition('"')
    try:
        return word.strip(), str(ast.literal_eval(f'"{quoted}'))
    except (SyntaxError, ValueError):
        raise OperationError(
            f"Line {number} of {source} is no translation.", "Correct it."
        ) from None


def _pack(entries: dict[bytes, bytes]) -> bytes:
    """The file: header, table of originals, table of translations, then the texts; sorted."""
    keys = sorted(entries)
    values = [entries[key] for key in keys]
    originals, translations = HEADER_BYTES, HEADER_BYTES + 8 * len(keys)
    offset = translations + 8 * len(keys)
    tables = []
    for text in (*keys, *values):
        tables.append(struct.pack("<II", len(text), offset))
        offset += len(text) + 1
    header = struct.pack("<7I", MAGIC, 0, len(keys), originals, translations, 0, 0)
    return header + b"".join(tables) + b"".join(text + b"\0" for text in (*keys, *values))

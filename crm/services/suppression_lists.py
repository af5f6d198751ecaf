"""Lists of addresses that must not be written to, as files or pasted numbers (a company's own from
another system, Procon's "do not disturb"): they go through the same slices as imported contacts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection
from typing import IO, Any

from django.core.files import File

from core.errors import FieldError, Invalid
from crm.enums import ImportKind
from crm.imports.reasons import FILE_REASONS
from crm.models import Import
from crm.services import imports, suppressions
from team.models import Member

PASTED = "numbers.csv"
TITLE = "telefone"  # of the only column of pasted numbers
# A list, written line by line or in one line.
_SEPARATORS = re.compile(r"[\r\n;,|\t]+")


def import_suppressions(
    *,
    file: File[Any] | IO[bytes],
    filename: str,
    channels: Collection[str],
    purpose: str = "",
    note: str = "",
    by: Member | None = None,
) -> Import:
    """Set a file going whose phone numbers go onto the list; the column is found by itself.

    Args:
        purpose: of crm.enums.Purpose; empty for every purpose.
        note: where the list comes from, for people.

    Raises:
        core.errors.Invalid: under `file`, `channel`, `purpose` or `note`.
    """
    for channel in channels:
        suppressions.check_options(channel=channel, purpose=purpose, note=note)
    batch = imports.create_import(file=file, filename=filename, by=by, kind=ImportKind.SUPPRESSIONS)
    column = next((index for index, target in batch.mapping.items() if target == "phone"), None)
    if column is None:
        imports.discard_import(batch=batch)
        reason = FILE_REASONS["mapping_no_phone"]
        raise Invalid({"file": FieldError("mapping_no_phone", reason)})
    wanted = {"channels": list(channels), "purpose": purpose, "note": note.strip()}
    batch.options = {**batch.options, **wanted}
    return imports.start_import(batch=batch, mapping={column: "phone"})


def import_pasted(
    *,
    text: str,
    channels: Collection[str],
    purpose: str = "",
    note: str = "",
    by: Member | None = None,
) -> Import:
    """The same for numbers that somebody pasted, with any separator but a space.

    Raises:
        core.errors.Invalid: under `numbers`, there is none; else as in import_suppressions.
    """
    numbers = [cell.strip() for cell in _SEPARATORS.split(text) if cell.strip()]
    if not numbers:
        raise Invalid({"numbers": FieldError("required", FILE_REASONS["file_no_numbers"])})
    content = io.BytesIO("\n".join([TITLE, *numbers]).encode("utf-8", "replace"))
    return import_suppressions(
        file=content, filename=PASTED, channels=channels, purpose=purpose, note=note, by=by
    )

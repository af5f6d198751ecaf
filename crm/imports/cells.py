"""Cells that a spreadsheet would run as a formula, on the way out and back in.

Source: OWASP CSV Injection: a leading = + - @, tab or carriage return, and their full-width forms.
"""

TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 -- these very signs
GUARD = "'"


def guarded(cell: str) -> str:
    """The cell with an apostrophe in front where a spreadsheet would see a formula."""
    return GUARD + cell if cell.startswith(TRIGGERS) else cell


def unguarded(cell: str) -> str:
    """What stood there before `guarded`; other cells as they are."""
    inner = cell[1:]
    return inner if cell.startswith(GUARD) and inner.startswith(TRIGGERS) else cell

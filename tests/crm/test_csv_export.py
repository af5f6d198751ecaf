"""CSV files as spreadsheets open them."""

import pytest
from django.utils import translation

from crm import csv_export


@pytest.mark.parametrize(("language", "line"), [("pt-br", "Ana;4,5"), ("en", 'Ana,"4,5"')])
def test_cells_are_parted_as_the_readers_spreadsheet_expects(language: str, line: str) -> None:
    with translation.override(language):
        answer = csv_export.download("notes.csv", [("Ana", "4,5")])
        assert answer.content.decode().splitlines() == [f"{csv_export.BOM}{line}"]

"""Why a file or a row was refused: a stable code and what to do about it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError
from crm import field_kinds, phones

FILE_REASONS: dict[str, str | Promise] = {
    "file_empty": _("The file is empty. Choose a CSV file with a header row and contacts below."),
    "file_no_rows": _("The file has only a header row. Add contacts below it."),
    "file_no_numbers": _("Paste at least one phone number."),
    "file_workbook": _(
        "This workbook has an old format or a password. Save it as XLSX or CSV, without a "
        "password, and upload that file."
    ),
    "file_workbook_large": _(
        "This workbook is too large. Save the sheet with your contacts as CSV and upload that file."
    ),
    "file_no_sheet": _("The workbook has no such sheet. Choose one of its sheets."),
    "file_binary": _(
        "This is neither text nor a workbook that can be read. Save your contacts as XLSX or CSV "
        "and upload that file."
    ),
    "file_line_too_long": _(
        "A line of the file is longer than a million characters. Check that it is a CSV file."
    ),
    "file_quotes": _(
        "A quotation mark in the file is never closed. Save the file again as CSV and retry."
    ),
    "file_too_many_columns": _("The file has more than 200 columns. Keep those that you need."),
    "file_gone": _("The file is no longer there. Upload it again."),
    "file_erased": _(
        "The file held somebody who was erased meanwhile. Upload it again without them."
    ),
    "mapping_no_phone": _("Choose which column holds the phone number."),
    "mapping_no_email": _("Choose which column holds the e-mail: contacts are found by it."),
    "mapping_no_external_id": _(
        "Choose which column holds the external id: contacts are found by it."
    ),
    "check_interrupted": _(
        "Something went wrong on our side while we counted. Nothing was written; check again."
    ),
    "interrupted": _(
        "Something went wrong on our side. What was imported so far is in; upload the file again "
        "to go on: contacts that exist are updated, not repeated."
    ),
}
ROW_REASONS: dict[str, str | Promise] = {
    **phones.REASONS,
    **field_kinds.REASONS,
    "person_erased": _("This person was erased. They come back only by writing to you themselves."),
    "duplicate_in_file": _("This number stands in an earlier row of the file."),
    "repeated_in_file": _("This contact stands in an earlier row of the file."),
    "phone_of_another": _("Another contact has this phone number already."),
    "email_missing": _("There is no e-mail, and contacts are found by it."),
    "external_id_missing": _("There is no external id, and contacts are found by it."),
    "email_invalid": _("This is not an e-mail address. Check for typing errors."),
    "name_too_long": _("The name has more than 200 characters."),
    "value_too_long": _("A field has more than 1,000 characters."),
    "quote_unclosed": _("A quotation mark is never closed, so following rows ran into this one."),
}
# What was left out of a row that came in otherwise.
NOTES: dict[str, str | Promise] = {
    "kept_email": _(
        "Another contact has this e-mail, so it stays there. If they are one person, merge them."
    ),
    "kept_external": _(
        "Another contact has this external id, so it stays there. If they are one person, merge "
        "them."
    ),
    "kept_phone": _(
        "Another contact has this phone number, so it stays there. If they are one person, merge "
        "them."
    ),
}
REASONS = {**FILE_REASONS, **ROW_REASONS, **NOTES}


class BadFile(ValueError):
    """The file as a whole cannot be imported; `code` is one of `FILE_REASONS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def error(self) -> FieldError:
        """The same as forms and the API show it."""
        return FieldError(self.code, FILE_REASONS[self.code])


def sentence(code: str) -> str:
    """What to tell people about a code; the code itself when it is not ours."""
    return str(REASONS.get(code, code))

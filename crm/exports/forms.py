"""What somebody chooses who takes contacts out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.enums import ExportFormat
from crm.exports.columns import offered


class ExportForm(forms.Form):
    """A format and columns; all are chosen at first."""

    format = forms.ChoiceField(
        label=_("Format"),
        choices=ExportFormat.choices,
        initial=ExportFormat.XLSX,
        widget=forms.RadioSelect,
    )
    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one column.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = offered()
        self.fields["columns"].choices = list(known.items())  # type: ignore[attr-defined]
        self.fields["columns"].initial = list(known)

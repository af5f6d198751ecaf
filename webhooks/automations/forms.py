"""Forms of the pages around the builder."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

DRAFT, CURRENT = "draft", "current"
PERIODS = [(1, _("the last day")), (7, _("the last 7 days")), (30, _("the last 30 days"))]


class NameForm(forms.Form):
    """What an automation is called."""

    name = forms.CharField(label=_("Name"), max_length=120)


class DryRunForm(forms.Form):
    """What is tried on which period."""

    what = forms.ChoiceField(label=_("What"))
    days = forms.TypedChoiceField(label=_("On"), choices=PERIODS, coerce=int, initial=7)

    def __init__(self, *args: Any, has_version: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(DRAFT, _("The draft"))]
        if has_version:
            choices.append((CURRENT, _("The version in force")))
        self.fields["what"].choices = choices  # type: ignore[attr-defined]

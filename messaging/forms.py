"""The template's form: its fixed fields, its buttons and what its variables need."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from connections.selectors import alive
from messaging.enums import TemplateCategory
from messaging.languages import LANGUAGES
from messaging.template_drafts import (
    COPY_CODE,
    PHONE_NUMBER,
    QUICK_REPLY,
    URL,
    Button,
    Draft,
    variable_names,
)
from messaging.templates_rules import BODY_LIMIT, FOOTER_LIMIT, HEADER_LIMIT, MOST_BUTTONS

BUTTON_TYPES = (
    (QUICK_REPLY, _("Quick reply")),
    (URL, _("Open a web page")),
    (PHONE_NUMBER, _("Call a number")),
    (COPY_CODE, _("Copy a code")),
)
_EXAMPLE, _FALLBACK = "example:", "fallback:"
_INDEX = re.compile(r"button_type_(\d{1,2})")


class TemplateForm(forms.Form):
    """Header, text and footer; buttons and variables stand beside it in the same POST.

    Limits are the rules' business (`messaging.templates_rules`): they say more than a length.
    """

    connection = forms.ModelChoiceField(label=_("Number"), queryset=Connection.objects.none())
    name = forms.CharField(
        label=_("Name"),
        help_text=_("For you and Meta: lowercase letters, digits and _. Customers never see it."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "off"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=list(LANGUAGES.items()))
    category = forms.ChoiceField(
        label=_("Category"),
        choices=[
            (choice.value, choice.label)
            for choice in TemplateCategory
            if choice != TemplateCategory.AUTHENTICATION
        ],
        help_text=_("Offers are marketing; news of an order or an appointment are utility."),
    )
    header = forms.CharField(
        label=_("Header"),
        required=False,
        widget=forms.TextInput({"maxlength": HEADER_LIMIT}),
    )
    body = forms.CharField(
        label=_("Text"),
        strip=False,
        widget=forms.Textarea({"rows": 6, "maxlength": BODY_LIMIT}),
        help_text=_(
            "Variables are written {{name}}. *bold*, _italic_ and ~struck~ as in WhatsApp."
        ),
    )
    footer = forms.CharField(
        label=_("Footer"),
        required=False,
        widget=forms.TextInput({"maxlength": FOOTER_LIMIT}),
    )

    def __init__(self, *args: Any, is_fixed: bool = False, **kwargs: Any) -> None:
        """`is_fixed`: the provider knows it, so number, name and language stay."""
        super().__init__(*args, **kwargs)
        self.fields["connection"] = forms.ModelChoiceField(
            label=_("Number"), queryset=alive(), empty_label=None
        )
        if is_fixed:
            for name in ("connection", "name", "language"):
                self.fields[name].disabled = True


def draft_from(data: QueryDict, *, fixed: Draft | None = None) -> Draft:
    """The draft that a POST holds, complete or not; new lines as one character.

    Args:
        fixed: whose name and language are kept, when they may not change.
    """
    buttons = buttons_from(data)
    return Draft(
        name=fixed.name if fixed else data.get("name", "").strip(),
        language=fixed.language if fixed else data.get("language", ""),
        category=data.get("category", ""),
        header=data.get("header", "").strip(),
        body=data.get("body", "").replace("\r\n", "\n").strip(),
        footer=data.get("footer", "").strip(),
        buttons=buttons,
        examples=_by_variable(data, _EXAMPLE),
        fallbacks=_by_variable(data, _FALLBACK),
    )


def fallbacks_from(data: QueryDict) -> dict[str, str]:
    """The fallbacks that a POST holds, by variable."""
    return _by_variable(data, _FALLBACK)


def buttons_from(data: QueryDict) -> list[Button]:
    """The buttons of a POST in their order."""
    indexes = sorted(int(match[1]) for key in data if (match := _INDEX.fullmatch(key)))
    return [
        Button(
            data.get(f"button_type_{index}", ""),
            data.get(f"button_text_{index}", "").strip(),
            data.get(f"button_value_{index}", "").strip(),
        )
        for index in indexes[: MOST_BUTTONS + 1]
    ]


def variable_rows(draft: Draft) -> list[dict[str, str]]:
    """The variables of a draft with what was typed for each, for the page."""
    return [
        {
            "name": name,
            "example": draft.examples.get(name, ""),
            "fallback": draft.fallbacks.get(name, ""),
        }
        for name in variable_names(draft)
    ]


def _by_variable(data: QueryDict, prefix: str) -> dict[str, str]:
    return {
        key.removeprefix(prefix): str(value).strip()
        for key, value in data.items()
        if key.startswith(prefix)
    }

"""The template's form: its fixed fields, its buttons and what its variables need."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from connections.selectors import alive, provider_of
from core.ui.formatting import phone
from crm.enums import Channel
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


class NumberSelect(forms.Select):
    """Each number says its channel, so that the page shows what that channel has
    (`[data-channel]` in the style sheet)."""

    channels: Mapping[str, str] = {}

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["attrs"]["data-channel"] = self.channels.get(str(option["value"]), "")
        return option


class NumberField(forms.ModelChoiceField):
    """A choice of numbers; those of one name are told apart by how they are called."""

    def label_from_instance(self, number: Connection) -> str:
        return " · ".join(filter(None, (number.name, phone(number.display_number))))


class TemplateForm(forms.Form):
    """Header, text and footer; buttons and variables stand beside it in the same POST. Of a number
    for SMS the header and the buttons are not read.

    Limits are the rules' business (`messaging.templates_rules`): they say more than a length.
    """

    connection = forms.ModelChoiceField(label=_("Number"), queryset=Connection.objects.none())
    name = forms.CharField(
        label=_("Name"),
        help_text=_("Lowercase letters, digits and _. Customers never see it."),
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
        help_text=_("Variables are written {{name}}."),
    )
    footer = forms.CharField(
        label=_("Footer"),
        required=False,
        widget=forms.TextInput({"maxlength": FOOTER_LIMIT}),
    )

    def __init__(self, *args: Any, fixed: Collection[str] = (), **kwargs: Any) -> None:
        """`fixed`: the fields that stay as they are."""
        super().__init__(*args, **kwargs)
        numbers = list(alive())
        select = NumberSelect()
        select.channels = {str(one.pk): provider_of(one).channel for one in numbers}
        self.fields["connection"] = NumberField(
            label=_("Number"), queryset=alive(), empty_label=None, widget=select
        )
        for name in fixed:
            self.fields[name].disabled = True


def draft_from(
    data: QueryDict, *, channel: str = Channel.WHATSAPP, fixed: Draft | None = None
) -> Draft:
    """The draft that a POST holds, complete or not; new lines as one character.

    Args:
        channel: whose parts are read; an SMS has neither header nor buttons.
        fixed: whose name and language are kept, when they may not change.
    """
    is_rich = channel == Channel.WHATSAPP
    buttons = buttons_from(data) if is_rich else []
    return Draft(
        name=fixed.name if fixed else data.get("name", "").strip(),
        language=fixed.language if fixed else data.get("language", ""),
        category=data.get("category", ""),
        header=data.get("header", "").strip() if is_rich else "",
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

"""The form of a company's inbox settings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.enums import Sight
from conversations.models import InboxSettings


class InboxSettingsForm(forms.Form):
    """Fields as conversations.services.inbox_settings.change takes them."""

    agents_see = forms.ChoiceField(label=_("Agents see"), choices=Sight)
    viewers_see = forms.ChoiceField(label=_("Viewers see"), choices=Sight)
    tells_reading = forms.BooleanField(
        label=_("Customers see that we read and type"),
        help_text=_("Blue ticks when somebody opens the conversation, “typing…” while they write."),
        required=False,
    )

    @classmethod
    def values_of(cls, settings: InboxSettings) -> dict[str, Any]:
        return {name: getattr(settings, name) for name in cls.base_fields}

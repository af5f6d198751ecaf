"""Forms of integrations: keys, what is sent, and how often it is read."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.enums import NoteSight
from integrations.models import Integration
from integrations.preferences import INTERVALS, PUSHES, Preferences, our_fields
from integrations.providers.base import Provider

_QUIET = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


class KeyForm(forms.Form):
    """What a system asks for to be connected without its own page."""

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in provider.fields:
            self.fields[field.name] = forms.CharField(
                label=str(field.label),
                help_text=str(field.help),
                initial=field.initial,
                max_length=4000,
                widget=forms.PasswordInput({**_QUIET, "autocomplete": "new-password"})
                if field.secret
                else forms.TextInput(_QUIET),
            )


class PreferencesForm(forms.Form):
    """What is told to a system, and which field is which there."""

    pushes = forms.MultipleChoiceField(
        label=_("Sent by itself"),
        choices=list(PUSHES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note_sight = forms.ChoiceField(label=_("Notes"), choices=NoteSight.choices)
    tags = forms.BooleanField(
        label=_("Tags in both ways"),
        required=False,
        help_text=_(
            "Tags that are put on or taken off here change there at once, and those of there "
            "change here with the next reading."
        ),
    )

    def __init__(self, *args: Any, integration: Integration, **kwargs: Any) -> None:
        stored = Preferences.of(integration.preferences)
        kwargs.setdefault(
            "initial",
            {"pushes": list(stored.pushes), "note_sight": stored.note_sight, "tags": stored.tags},
        )
        super().__init__(*args, **kwargs)
        remote = [(field["id"], field["label"]) for field in integration.config.get("fields", ())]
        self._ours: dict[str, str] = {}
        for key, label in our_fields().items():
            name = _name_of(key)
            self._ours[name] = key
            self.fields[name] = forms.ChoiceField(
                label=label,
                required=False,
                choices=[("", _("Not sent")), *remote],
                initial=stored.mapping.get(key, ""),
            )

    @property
    def mapped(self) -> list[forms.BoundField]:
        """The fields of the mapping, to be drawn."""
        return [self[name] for name in self._ours]

    def preferences(self) -> Preferences:
        """What was chosen; the service judges it."""
        data = self.cleaned_data
        chosen = {key: data[name] for name, key in self._ours.items() if data.get(name)}
        return Preferences(
            pushes=frozenset(data["pushes"]),
            note_sight=data["note_sight"],
            tags=data["tags"],
            mapping=chosen,
        )


class IntervalForm(forms.Form):
    """How often a system is read by itself."""

    interval_minutes = forms.TypedChoiceField(
        label=_("Read by itself"), choices=list(INTERVALS.items()), coerce=int
    )


def _name_of(key: str) -> str:
    """A name that HTML takes, whatever people called their field."""
    return f"map_{hashlib.sha256(key.encode()).hexdigest()[:12]}"

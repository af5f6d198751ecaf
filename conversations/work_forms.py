"""What people fill in around the work on a conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import moments
from conversations.canned import PLACES
from conversations.models import Label
from conversations.services.canned import SHORTCUT_LENGTH
from conversations.services.notes import MAX_LENGTH as NOTE_LENGTH
from core.forms import moment_field
from crm.services.tags import MAX_LENGTH as LABEL_LENGTH
from messaging.bodies import TEXT_LIMIT
from team.enums import TeamColor
from team.models import Member, Team
from team.selectors import active_members


class SnoozeForm(forms.Form):
    """Until when: a word of `moments`, or a moment of their own in the company's zone."""

    preset = forms.CharField(required=False, widget=forms.HiddenInput)
    until = moment_field(_("Until"), required=False)

    def clean(self) -> dict[str, Any]:
        """`until` is the moment, whichever way it was said."""
        data = super().clean() or {}
        preset = data.get("preset")
        if preset:
            data["until"] = moments.moments(timezone.now()).get(preset)
        if not data.get("until") and not self.errors:
            self.add_error("until", _("Choose until when."))
        return data

    @property
    def moment(self) -> datetime:
        """The moment of a valid form."""
        until: datetime = self.cleaned_data["until"]
        return until


class TransferForm(forms.Form):
    """To whom it goes, with a word for them."""

    team = forms.ModelChoiceField(Team.objects.all(), label=_("Team"), required=False)
    member = forms.ModelChoiceField(Member.objects.none(), label=_("Person"), required=False)
    note = forms.CharField(
        label=_("Note for them"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands in the conversation as a private note."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].empty_label = _("No team")  # type: ignore[attr-defined]
        self.fields["member"].empty_label = _("Nobody")  # type: ignore[attr-defined]
        self.fields["member"].queryset = active_members()  # type: ignore[attr-defined]


class LabelsForm(forms.Form):
    """The labels that a conversation has afterwards."""

    labels = forms.ModelMultipleChoiceField(
        Label.objects.all(),
        label=_("Labels"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class LabelForm(forms.Form):
    """A label's name and colour."""

    name = forms.CharField(label=_("Name"), max_length=LABEL_LENGTH)
    color = forms.ChoiceField(label=_("Colour"), choices=TeamColor.choices, initial="gray")


class CannedReplyForm(forms.Form):
    """A text with the shortcut that finds it."""

    shortcut = forms.CharField(
        label=_("Shortcut"),
        max_length=SHORTCUT_LENGTH,
        help_text=_("Typed behind a slash in the composer, for example /bom-dia."),
    )
    text = forms.CharField(
        label=_("Text"), max_length=TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": 5})
    )
    is_shared = forms.BooleanField(
        label=_("For everybody"),
        required=False,
        help_text=_("Otherwise you alone see it."),
    )

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = " ".join("{{" + place + "}}" for place in PLACES)
        if not may_share:
            del self.fields["is_shared"]


class BulkForm(SnoozeForm):
    """One action on the chosen conversations."""

    action = forms.CharField(required=False)
    member = forms.ModelChoiceField(Member.objects.none(), required=False)
    team = forms.ModelChoiceField(Team.objects.all(), required=False)
    label = forms.UUIDField(required=False)
    priority = forms.CharField(required=False)
    asks_rating = forms.NullBooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = active_members()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A moment is asked for where one is needed (`bulk.apply` says so)."""
        data = super().clean() if self.data.get("action") == "snooze" else self.cleaned_data
        return data or {}

"""The form of a company's inbox settings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.enums import Sight
from conversations.models import InboxSettings
from conversations.rating_words import usual_question
from conversations.services.inbox_settings import LONGEST_PAUSE, MAX_QUESTION
from team.forms import MinutesField


class InboxSettingsForm(forms.Form):
    """Fields as conversations.services.inbox_settings.change takes them."""

    agents_see = forms.ChoiceField(label=_("Agents see"), choices=Sight)
    viewers_see = forms.ChoiceField(label=_("Viewers see"), choices=Sight)
    tells_reading = forms.BooleanField(
        label=_("Customers see that we read and type"),
        help_text=_("Blue ticks when somebody opens the conversation, “typing…” while they write."),
        required=False,
    )
    first_reply_minutes = MinutesField(
        label=_("First reply within"),
        help_text=_("In minutes of your business hours. Empty: you promise nothing."),
    )
    next_reply_minutes = MinutesField(
        label=_("Next reply within"),
        help_text=_("The same for every further answer."),
    )
    asks_rating = forms.BooleanField(
        label=_("Ask how it was when a conversation is resolved"),
        help_text=_("Customers answer with one tap, or with a number from 1 to 5."),
        required=False,
    )
    rating_question = forms.CharField(
        label=_("Question"),
        help_text=_("Empty: the question that stands there in grey."),
        max_length=MAX_QUESTION,
        widget=forms.Textarea(attrs={"rows": 2, "data-autosize": True}),
        required=False,
    )
    rating_every_days = forms.IntegerField(
        label=_("Ask the same person once in"),
        help_text=_("In days."),
        min_value=1,
        max_value=LONGEST_PAUSE,
        required=False,
    )
    asks_rating_comment = forms.BooleanField(
        label=_("Ask for a comment too"),
        help_text=_(
            "With the thanks. What they write next, within an hour, is kept as the comment and "
            "does not open the conversation again."
        ),
        required=False,
    )
    asks_rating_in_bulk = forms.BooleanField(
        label=_("Ask too when many are resolved at once"),
        help_text=_("Whoever resolves them can choose otherwise."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rating_question"].widget.attrs["placeholder"] = usual_question()

    def clean_rating_every_days(self) -> int:
        """The usual pause where none was said."""
        return self.cleaned_data["rating_every_days"] or InboxSettings().rating_every_days

    @classmethod
    def values_of(cls, settings: InboxSettings) -> dict[str, Any]:
        return {name: getattr(settings, name) for name in cls.base_fields}

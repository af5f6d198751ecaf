"""What people fill in to answer: a text with files, or a template's variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import moment_field
from crm.models import Contact
from messaging.bodies import TEXT_LIMIT
from messaging.models import Template
from messaging.rendering import resolve_variables

LIKE_A_NAME = frozenset({"1", "name", "nome", "first_name", "primeiro_nome"})


class ReplyForm(forms.Form):
    """A text, or a file with the text as its caption; or a recording (`voice`), without one."""

    text = forms.CharField(required=False, max_length=TEXT_LIMIT)
    file = forms.FileField(required=False)
    voice = forms.BooleanField(required=False)
    reply_to = forms.UUIDField(required=False)


class ScheduleForm(forms.Form):
    """A text and the moment it leaves, in the company's zone."""

    text = forms.CharField(
        label=_("Message"), max_length=TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": 4})
    )
    due_at = moment_field(_("Send at"))


class TemplateForm(forms.Form):
    """One field for each variable of a template, filled with what we know of the contact."""

    def __init__(
        self, *, template: Template, contact: Contact, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, prefix="variable")
        guessed = guessed_values(template, contact)
        for variable in template.variables:
            name = variable["name"]
            self.fields[name] = forms.CharField(
                label=_("Variable %(name)s") % {"name": name},
                max_length=1024,
                initial=guessed.get(name, ""),
                help_text=_("For example: %(example)s") % {"example": variable["example"]}
                if variable.get("example")
                else "",
            )

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields now, for the preview."""
        return {name: str(self[name].value() or "") for name in self.fields}


def guessed_values(template: Template, contact: Contact) -> dict[str, str]:
    """The first name where a variable is called like one, else the template's own fallbacks."""
    mapping = {
        variable["name"]: {"field": "first_name"}
        for variable in template.variables
        if variable["name"].lower() in LIKE_A_NAME
    }
    values, _missing = resolve_variables(template, mapping, contact)
    return values

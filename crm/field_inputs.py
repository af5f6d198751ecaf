"""How a form asks for a company's own fields, and how their definitions are asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm import field_kinds
from crm.enums import FieldKind
from crm.field_kinds import BadField
from crm.models import FieldDefinition


class OwnField(forms.Field):
    """A field of the company; it cleans into what `Contact.attributes` keeps, None for nothing.

    A value from before the field had its kind, left as it is, stays.
    """

    def __init__(self, definition: FieldDefinition, before: Any = None) -> None:
        self.definition, self._before = definition, before
        super().__init__(
            label=definition.label,
            required=False,
            widget=_widget(definition, before),
            initial=_written(definition, before),
        )

    def clean(self, value: Any) -> Any:
        if value == self.initial and self._before is not None:
            return self._before
        try:
            return field_kinds.read(self.definition, value)
        except BadField as error:
            raise forms.ValidationError(str(error.error.message), code=error.error.code) from None


def input_for(definition: FieldDefinition, before: Any = None) -> OwnField:
    """The form field for one definition, filled with what the contact has."""
    return OwnField(definition, before)


class FieldForm(forms.Form):
    """A new field of contacts."""

    label = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Such as “Birthday” or “Plan”.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=FieldKind.choices, help_text=_("It cannot be changed later.")
    )
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        help_text=_("One a line; for the kind “choice” alone."),
        widget=forms.Textarea(attrs={"rows": 3, "data-autosize": True}),
    )
    key = forms.CharField(
        label=_("Key"),
        max_length=60,
        required=False,
        help_text=_("As files and programs name it. Left empty, it is made from the name."),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, definition: FieldDefinition | None = None, **kwargs: Any):
        if definition is not None:
            kwargs.setdefault(
                "initial",
                {"label": definition.label, "choices": "\n".join(definition.choices)},
            )
        super().__init__(*args, **kwargs)
        if definition is not None:
            del self.fields["kind"], self.fields["key"]
            if definition.kind != FieldKind.CHOICE:
                del self.fields["choices"]

    def clean_choices(self) -> list[str]:
        """One a line."""
        return str(self.cleaned_data["choices"]).splitlines()


def _written(definition: FieldDefinition, value: Any) -> str:
    """A kept value as its input has it."""
    if definition.kind == FieldKind.YES_NO and isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _widget(definition: FieldDefinition, before: Any) -> forms.Widget:
    kind = definition.kind
    if kind == FieldKind.YES_NO:
        return _select([("yes", _("Yes")), ("no", _("No"))], _written(definition, before))
    if kind == FieldKind.CHOICE:
        return _select([(one, one) for one in definition.choices], _written(definition, before))
    if kind == FieldKind.DATE and _fits(definition, before):
        return forms.DateInput(attrs={"type": "date"})
    mode = {"inputmode": "decimal"} if kind in (FieldKind.NUMBER, FieldKind.MONEY) else {}
    return forms.TextInput(attrs={"maxlength": 1000, **mode})


def _select(choices: list[tuple[str, Any]], before: str) -> forms.Select:
    """What the contact has is offered too when it is no choice (any more)."""
    extra = [(before, before)] if before and before not in dict(choices) else []
    return forms.Select(choices=[("", "—"), *choices, *extra])


def _fits(definition: FieldDefinition, value: Any) -> bool:
    """Whether a browser's own input can show it."""
    try:
        return field_kinds.read(definition, value) == value
    except BadField:
        return False

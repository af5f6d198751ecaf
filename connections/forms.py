"""The wizard's form, drawn from what the chosen provider asks for, and the small ones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from connections.providers.base import CredentialField, NumberMarket, Provider

COUNTRIES = (
    ("BR", _("Brazil")),
    ("US", _("United States")),
    ("PT", _("Portugal")),
    ("AR", _("Argentina")),
    ("CL", _("Chile")),
    ("CO", _("Colombia")),
    ("MX", _("Mexico")),
    ("ES", _("Spain")),
    ("GB", _("United Kingdom")),
)
_QUIET = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
# Shown again after a refusal: the person has just typed it, and a token is long.
_SECRET = {**_QUIET, "autocomplete": "new-password"}


class ConnectForm(forms.Form):
    """Everything needed to connect a number. `values()` is what the service takes."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("What your team calls this number. Empty: its display name."),
    )

    def __init__(
        self, *args: Any, provider: Provider, has_number: bool = True, **kwargs: Any
    ) -> None:
        """`has_number`: False while the number is yet to be bought."""
        super().__init__(*args, **kwargs)
        self._provider = provider
        for field in provider.fields:
            self.fields[field.name] = _form_field(field)
        self.fields["number_id"].required = has_number
        if provider.capabilities.handshake:
            self.fields["verify_token"] = forms.CharField(
                label=_("Verify token"),
                max_length=120,
                required=False,
                help_text=_("A word of your own for the webhook. Empty: we make a safe one."),
                widget=forms.TextInput(_QUIET),
            )

    def values(self) -> dict[str, str]:
        """The values of the provider's fields and the verify token, where there is one."""
        names = [*(field.name for field in self._provider.fields), "verify_token"]
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class NumberSearchForm(forms.Form):
    """Where a number is looked for, and which digits it should have."""

    country = forms.ChoiceField(label=_("Country"))
    contains = forms.RegexField(
        r"^[\d\s]*$",
        label=_("Digits"),
        max_length=12,
        required=False,
        strip=True,
        help_text=_("Such as the area code, or what is easy to remember."),
        widget=forms.TextInput({"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, market: NumberMarket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(COUNTRIES)
        self.fields["country"].choices = [(code, names[code]) for code in market.countries]  # type: ignore[attr-defined]


class CredentialsForm(forms.Form):
    """Secrets to replace; what is left empty stays. Stored values are never shown."""

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in provider.fields:
            if field.secret:
                self.fields[field.name] = _form_field(field)
                self.fields[field.name].required = False
                self.fields[field.name].widget.attrs["placeholder"] = _("Leave empty to keep it")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            raise forms.ValidationError(_("Fill in what you want to replace."), code="empty")
        return data


class ConnectionForm(forms.ModelForm):
    """What is ours to change about a number."""

    rate_per_second = forms.IntegerField(
        label=_("Messages per second"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=_("Empty: as fast as the provider allows. It never sends faster."),
    )

    class Meta:
        model = Connection
        fields = ("name", "rate_per_second")


def _form_field(field: CredentialField) -> forms.CharField:
    widget: forms.Widget = (
        forms.PasswordInput(render_value=True, attrs=_SECRET)
        if field.secret
        else forms.TextInput({**_QUIET, "inputmode": field.keyboard})
    )
    return forms.CharField(
        label=str(field.label),
        help_text=str(field.help),
        required=field.required,
        max_length=1000,
        widget=widget,
    )

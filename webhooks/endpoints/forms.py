"""Forms of the endpoints' pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from webhooks.endpoints import catalogue
from webhooks.endpoints.models import Endpoint
from webhooks.endpoints.public_facts import GROUPS, label_of

ALL, SOME = "all", "some"


def _named() -> list[tuple[Any, list[tuple[str, Any]]]]:
    return [
        (label, [(name, label_of(name)) for name, _sentence in types])
        for label, types in _grouped()
    ]


def _grouped() -> list[tuple[Any, list[tuple[str, Any]]]]:
    known = catalogue.public_types()
    return [
        (group.label, [(name, text) for name, text in group.types.items() if name in known])
        for group in GROUPS
    ]


class EndpointForm(forms.Form):
    """Where to, what, and with which headers."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("As you will find it again. Empty: the host of the address."),
    )
    url = forms.URLField(
        label=_("Address"),
        max_length=2000,
        assume_scheme="https",
        help_text=_("Every event is sent there by POST, as JSON, signed."),
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    which = forms.ChoiceField(
        label=_("Events"),
        choices=[(ALL, _("All events, also those to come")), (SOME, _("Only these:"))],
        widget=forms.RadioSelect,
        initial=SOME,
    )
    types = forms.MultipleChoiceField(
        label=_("Types of events"), choices=_grouped, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    headers = forms.CharField(
        label=_("Headers of your own"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Authorization: Bearer …"}),
        help_text=_("One a line, such as “Authorization: Bearer abc”. Kept encrypted."),
    )
    keeps_headers = forms.BooleanField(
        label=_("Keep the headers that are there"), required=False, initial=True
    )

    def __init__(self, *args: Any, endpoint: Endpoint | None = None, **kwargs: Any) -> None:
        if endpoint is not None:
            kwargs["initial"] = {
                "name": endpoint.name,
                "url": endpoint.url,
                "which": ALL if endpoint.wants_all else SOME,
                "types": endpoint.types,
                "keeps_headers": True,
            }
        super().__init__(*args, **kwargs)
        self.kept_names = sorted(endpoint.headers) if endpoint is not None else []
        if not self.kept_names:
            del self.fields["keeps_headers"]

    def chosen(self) -> set[str]:
        """The types that are ticked."""
        value = self["types"].value()
        return set(value or ())

    def groups(self) -> list[tuple[Any, list[tuple[str, Any]]]]:
        """Types by group, for the page."""
        return _grouped()

    def clean_headers(self) -> dict[str, str]:
        """Lines of `Name: value`; what is allowed among them is the service's to say."""
        lines = [line for line in self.cleaned_data["headers"].splitlines() if line.strip()]
        found = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                raise forms.ValidationError(_("Write “Name: value” on each line."))
            found[name.strip()] = value.strip()
        return found

    def fields_of_service(self, endpoint: Endpoint | None) -> dict[str, Any]:
        """What the form says, as the service takes it. Stored headers are never shown: they stay,
        and what is written is added, unless the tick is taken off."""
        data = self.cleaned_data
        headers = data["headers"]
        if endpoint is not None and data.get("keeps_headers"):
            headers = {**endpoint.headers, **headers}
        return {
            "name": data["name"],
            "url": data["url"],
            "wants_all": data["which"] == ALL,
            "types": data["types"],
            "headers": headers,
        }


class TestForm(forms.Form):
    """Which sample is sent."""

    type = forms.ChoiceField(label=_("Event"), choices=_named)

    def __init__(self, *args: Any, endpoint: Endpoint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if endpoint.types:
            self.fields["type"].initial = endpoint.types[0]

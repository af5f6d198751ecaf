"""The forms of sources: what a preset asks for, and what may be changed about one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from webhooks.sources import verification
from webhooks.sources.enums import Scheme
from webhooks.sources.models import Source
from webhooks.sources.presets.base import Preset
from webhooks.sources.services.sources import SETTINGS

_QUIET = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
_SECRET = {**_QUIET, "autocomplete": "new-password"}
_SETTING = "setting_"


class CreateForm(forms.Form):
    """A new source of a preset: only what that asks for."""

    name = forms.CharField(label=_("Name"), max_length=80)

    def __init__(self, *args: Any, preset: Preset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preset = preset
        if preset.verification is None:
            self._choose_scheme()
        elif verification.needs_secret(preset.verification["scheme"]) and not preset.gives_secret:
            self.fields["secret"] = _secret(preset.secret_label, preset.secret_help, required=True)
        for one in preset.credentials:
            self.fields[one.name] = _secret(one.label, one.help, required=False)

    @property
    def scheme_fields(self) -> dict[str, list[Any]]:
        """The bound fields that belong to each scheme."""
        names = {Scheme.HMAC.value: list(SETTINGS[Scheme.HMAC])}
        names[Scheme.HEADER.value] = ["header_name"]
        names[Scheme.QUERY.value] = ["parameter"]
        return {
            scheme: [self[f"{_SETTING}{name}"] for name in fields]
            for scheme, fields in names.items()
            if f"{_SETTING}{fields[0]}" in self.fields
        }

    @property
    def plain_fields(self) -> list[Any]:
        """The bound fields that are always shown."""
        hidden = {"scheme", "secret"} if "scheme" in self.fields else set()
        return [
            field
            for field in self
            if field.name not in hidden and not field.name.startswith(_SETTING)
        ]

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        given = self.cleaned_data
        scheme = given.get("scheme", "")
        settings = {
            name.removeprefix(_SETTING): value
            for name, value in given.items()
            if name.startswith(_SETTING)
        }
        if scheme == Scheme.HEADER:
            settings["header"] = settings.get("header_name", "")
        return {
            "name": given["name"],
            "preset_slug": self.preset.slug,
            "scheme": scheme,
            "settings": settings,
            "secret": given.get("secret", ""),
            "credentials": {one.name: given.get(one.name, "") for one in self.preset.credentials},
        }

    def _choose_scheme(self) -> None:
        self.fields["scheme"] = forms.ChoiceField(
            label=_("How it proves itself"),
            choices=[(one.value, one.label) for one in Scheme if one in SETTINGS],
        )
        self.fields[f"{_SETTING}header_name"] = _text(_("Header"), "X-Secret")
        self.fields[f"{_SETTING}parameter"] = _text(_("Parameter in the address"), "token")
        self.fields[f"{_SETTING}header"] = _text(_("Header"), "X-Signature")
        self.fields[f"{_SETTING}algorithm"] = forms.ChoiceField(
            label=_("Algorithm"),
            required=False,
            initial="sha256",
            choices=[(name, name.upper()) for name in verification.ALGORITHMS],
        )
        self.fields[f"{_SETTING}encoding"] = forms.ChoiceField(
            label=_("Written as"),
            required=False,
            choices=[("hex", "hex"), ("base64", "base64")],
        )
        self.fields[f"{_SETTING}prefix"] = _text(_("Before the signature"), "", "sha256=")
        self.fields[f"{_SETTING}timestamp_header"] = _text(
            _("Header of the time"), "", "X-Timestamp"
        )
        self.fields[f"{_SETTING}template"] = _text(
            _("What is signed"), "", "{timestamp}.{body}", _("Empty: the body alone.")
        )
        self.fields["secret"] = _secret(
            _("Secret"), _("Empty: we make a safe one and show it once."), required=False
        )


class SettingsForm(forms.Form):
    """What a source does with whom it hears of."""

    name = forms.CharField(label=_("Name"), max_length=80)
    creates_contacts = forms.BooleanField(
        label=_("Create contacts"),
        required=False,
        help_text=_("Off: only contacts that are there already are recognised."),
    )
    tag_names = forms.CharField(
        label=_("Tags to give"),
        required=False,
        max_length=600,
        help_text=_("Separated by commas."),
    )
    gives_opt_in = forms.BooleanField(
        label=_("They agreed to be written to"),
        required=False,
        help_text=_(
            "On only if the system asks people whether they may be written to. A no of the "
            "person's own always stays."
        ),
    )
    opt_in_source = forms.CharField(
        label=_("Where they agreed"),
        required=False,
        max_length=120,
        help_text=_("Such as “checkout of the store”."),
    )

    def __init__(self, *args: Any, source: Source, preset: Preset, **kwargs: Any) -> None:
        initial = {
            "name": source.name,
            "creates_contacts": source.creates_contacts,
            "tag_names": ", ".join(source.tags),
            "gives_opt_in": source.gives_opt_in,
            "opt_in_source": source.opt_in_source,
        }
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.preset = preset
        for one in preset.credentials:
            self.fields[one.name] = _secret(one.label, one.help, required=False)
            if one.name in source.credentials:
                self.fields[one.name].help_text = _("There is one. Empty: it stays.")

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "creates_contacts": given["creates_contacts"],
            "gives_opt_in": given["gives_opt_in"],
            "opt_in_source": given["opt_in_source"],
            "tags": given["tag_names"].split(","),
            "credentials": {one.name: given.get(one.name, "") for one in self.preset.credentials},
        }


def _secret(label: Any, help_text: Any, *, required: bool) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=500,
        widget=forms.PasswordInput(_SECRET, render_value=True),
    )


def _text(label: Any, initial: str, placeholder: str = "", help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=80,
        initial=initial,
        help_text=help_text,
        widget=forms.TextInput({**_QUIET, "placeholder": placeholder}),
    )

"""Forms of contacts, their consent and their import."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.enums import Channel, ConsentAction, ErasureReason, IdentityKind, MatchBy, Purpose
from crm.field_inputs import input_for
from crm.imports.mapping import ATTRIBUTE, CONSENT, IGNORE, TARGETS, label
from crm.models import Contact, FieldDefinition, Import
from crm.selectors import field_definitions, shown_identity
from crm.services.contacts import Changes, OptIn

# What people may say where a consent comes from; they may also write something else.
SOURCES = (
    _("Shop counter"), _("Site form"), _("WhatsApp conversation"), _("Phone call"), _("Event"),
)  # fmt: skip


class TagsField(forms.CharField):
    """Names separated by commas."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"list": "tag-names"}))
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> list[str]:
        return [name.strip() for name in str(value or "").split(",") if name.strip()]


class AttributesField(forms.CharField):
    """One field of the contact a line: `cidade: Recife`."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "data-autosize": True})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> dict[str, str]:
        lines = [line for line in str(value or "").splitlines() if line.strip()]
        wrong = next((line for line in lines if ":" not in line), None)
        if wrong is not None:
            raise forms.ValidationError(
                _("Write one field a line, such as “city: Recife”. No colon in: %(line)s"),
                params={"line": wrong},
            )
        pairs = (line.split(":", 1) for line in lines)
        return {key.strip(): text.strip() for key, text in pairs}


class ContactForm(forms.Form):
    """A contact, new or known."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "placeholder": "(11) 98765-4321"}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocapitalize": "off"}),
    )
    tags = TagsField(label=_("Tags"), help_text=_("Separated by commas."))
    attributes = AttributesField(
        label=_("More fields"),
        help_text=_("One a line, such as “city: Recife”. Templates can use them."),
    )
    opt_in_source = forms.CharField(
        label=_("Agreed to marketing at"),
        max_length=120,
        required=False,
        help_text=_("Where this person agreed to get your offers. Leave empty if they did not."),
        widget=forms.TextInput(attrs={"list": "consent-sources"}),
    )

    def __init__(self, *args: Any, contact: Contact | None = None, **kwargs: Any) -> None:
        self._before = dict(contact.attributes) if contact else {}
        self._definitions = {f"field_{row.pk.hex}": row for row in field_definitions().values()}
        if contact is not None:
            kwargs.setdefault("initial", self._initial_of(contact))
        super().__init__(*args, **kwargs)
        if contact is not None:
            del self.fields["opt_in_source"]
        for name, row in self._definitions.items():
            self.fields[name] = input_for(row, self._before.get(row.key))

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The company's own fields, each with the input of its kind."""
        return [self[name] for name in self._definitions]

    @property
    def changes(self) -> Changes:
        """What services.contacts.update_contact takes; lines that were deleted become None."""
        data = self._data
        gone = dict.fromkeys(set(self._before) - set(data["attributes"]))
        data["attributes"] = {**gone, **data["attributes"]}
        return data  # type: ignore[return-value]

    @property
    def new_contact(self) -> dict[str, Any]:
        """What services.contacts.create_contact takes."""
        data = self._data
        source = data.pop("opt_in_source")
        return {**data, "opt_in": OptIn(source=source) if source else None}

    @property
    def _data(self) -> dict[str, Any]:
        """What was sent, the company's fields among the others."""
        data = dict(self.cleaned_data)
        typed = {row.key: data.pop(name) for name, row in self._definitions.items()}
        return {**data, "attributes": {**data["attributes"], **typed}}

    def _initial_of(self, contact: Contact) -> dict[str, Any]:
        """A contact (from `with_details`) as the form shows it."""
        defined = {row.key for row in self._definitions.values()}
        free = {key: value for key, value in contact.attributes.items() if key not in defined}
        return {
            "name": contact.name,
            "phone": shown_identity(contact, IdentityKind.PHONE),
            "email": shown_identity(contact, IdentityKind.EMAIL),
            "tags": ", ".join(tag.name for tag in contact.tags.all()),
            "attributes": "\n".join(f"{key}: {value}" for key, value in free.items()),
        }


# What people say; `undone` is ours.
SAID = [(one.value, one.label) for one in (ConsentAction.OPT_IN, ConsentAction.OPT_OUT)]


class ConsentForm(forms.Form):
    """What a contact said, and where."""

    action = forms.ChoiceField(choices=SAID, widget=forms.HiddenInput)
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    source = forms.CharField(
        label=_("Where they said so"),
        max_length=120,
        widget=forms.TextInput(attrs={"list": "consent-sources"}),
    )
    text = forms.CharField(max_length=2000, required=False)
    text_version = forms.CharField(max_length=32, required=False)


class SegmentForm(forms.Form):
    """The name of a saved audience; its rules are crm.audience_form's."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Only your team sees it."))


EVERY_PURPOSE = [("", _("Everything")), *Purpose.choices]


class SuppressionForm(forms.Form):
    """A number that must not be written to."""

    address = forms.CharField(
        label=_("Phone"),
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "tel", "placeholder": "(11) 98765-4321"}),
    )
    channels = forms.MultipleChoiceField(
        label=_("Channels"),
        choices=Channel.choices,
        initial=Channel.values,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one channel.")},
    )
    purpose = forms.ChoiceField(
        label=_("What must not be sent"),
        choices=EVERY_PURPOSE,
        required=False,
        initial=Purpose.MARKETING,
        help_text=_("“Everything” also holds back answers of your team and notices of an order."),
    )
    note = forms.CharField(
        label=_("Note"), max_length=120, required=False, help_text=_("Why, for your team.")
    )


class RemovalForm(forms.Form):
    """Why a number comes off the list."""

    why = forms.CharField(
        label=_("Why may it be written to again?"),
        max_length=120,
        help_text=_("It is kept in the log of events."),
    )


class SuppressionListForm(SuppressionForm):
    """Many of them: a file, or pasted numbers."""

    address = None  # type: ignore[assignment]
    file = forms.FileField(label=_("File"), required=False)
    numbers = forms.CharField(
        label=_("Or paste the numbers"),
        required=False,
        help_text=_("One a line, or separated by commas."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    field_order = ("file", "numbers", "channels", "purpose", "note")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("file") and not data.get("numbers") and not self.errors:
            self.add_error("file", _("Choose a file or paste the numbers."))
        return data


class WordsField(forms.CharField):
    """Words separated by commas or lines."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2, "data-autosize": True})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> list[str]:
        return [word for word in re.split(r"[,;\n]", str(value or "")) if word.strip()]


class KeywordForm(forms.Form):
    """The company's own words, and what is answered."""

    stop_words = WordsField(
        label=_("More words that stop"), help_text=_("Separated by commas, such as “chega”.")
    )
    start_words = WordsField(label=_("More words that resume"))
    confirms = forms.BooleanField(label=_("Answer once that it is done"), required=False)
    stop_text = forms.CharField(
        label=_("Answer to who stops"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-autosize": True}),
    )
    start_text = forms.CharField(
        label=_("Answer to who comes back"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-autosize": True}),
    )


class UploadForm(forms.Form):
    """A file of contacts."""

    file = forms.FileField(
        label=_("File"), error_messages={"required": _("Choose an Excel or CSV file.")}
    )


class MappingForm(forms.Form):
    """What the columns of an uploaded file mean, and what to do with its contacts."""

    match_by = forms.ChoiceField(
        label=_("Find contacts that exist by"),
        choices=MatchBy.choices,
        help_text=_("Who is found is updated; everybody else is created."),
    )
    tags = TagsField(
        label=_("Tags for all of them"),
        help_text=_("Separated by commas. Useful to choose them for a campaign later."),
    )
    opt_in_source = forms.CharField(
        label=_("Where did these people agree to get your offers?"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"list": "consent-sources"}),
        help_text=_(
            "For all of them. If a column above is “Consent (yes/no)”, it counts contact by "
            "contact instead, and this is where those with a yes agreed."
        ),
    )
    confirms = forms.BooleanField(
        label=_("These people agreed, and I can show when and how if I am asked."),
        required=False,
        help_text=_("Not needed when a column says it contact by contact."),
    )

    def __init__(self, *args: Any, batch: Import, **kwargs: Any) -> None:
        initial = {
            "match_by": batch.match_by,
            "tags": ", ".join(batch.tags),
            "opt_in_source": batch.opt_in_source,
            "confirms": bool(batch.opt_in_source) and CONSENT not in batch.mapping.values(),
        }
        super().__init__(*args, **{"initial": initial, **kwargs})
        definitions = field_definitions()
        self.columns = [f"column_{index}" for index in range(len(batch.header))]
        for index, (name, title) in enumerate(zip(self.columns, batch.header, strict=True)):
            self.fields[name] = forms.ChoiceField(
                label=title or str(index + 1),
                choices=_targets(title, batch.mapping.get(str(index), IGNORE), definitions),
                initial=batch.mapping.get(str(index), IGNORE),
                required=False,
                widget=forms.Select(attrs={"class": "select w-full font-normal"}),
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        by_column = CONSENT in self.mapping.values()
        if data.get("opt_in_source") and not data.get("confirms") and not by_column:
            self.add_error(
                "confirms", _("Confirm that they agreed, or leave the field above empty.")
            )
        return data

    @property
    def settings(self) -> dict[str, Any]:
        """As services.imports.check_import and start_import take them."""
        names = ("match_by", "tags", "opt_in_source")
        return {"mapping": self.mapping, **{name: self.cleaned_data[name] for name in names}}

    @property
    def mapping(self) -> Mapping[str, str]:
        """Column index → target."""
        return {
            str(index): self.cleaned_data.get(name, "") for index, name in enumerate(self.columns)
        }


def _targets(
    title: str, guessed: str, definitions: Mapping[str, FieldDefinition]
) -> list[tuple[str, Any]]:
    key = re.sub(r"\W+", "_", title.lower()).strip("_")[:60]
    own = guessed if guessed.startswith(ATTRIBUTE) else f"{ATTRIBUTE}{key}" if key else ""
    defined = {f"{ATTRIBUTE}{row.key}": row.label for row in definitions.values()}
    choices: list[tuple[str, Any]] = [
        (IGNORE, _("Leave out")), *TARGETS.items(), *defined.items(),
    ]  # fmt: skip
    if own and own not in defined:
        choices.append((own, _("Field “%(name)s”") % {"name": label(own)}))
    return choices


class ErasureForm(forms.Form):
    """Why a person is erased, and a word that nobody types by mistake."""

    reason = forms.ChoiceField(label=_("Why"), choices=ErasureReason)
    typed = forms.CharField(
        label=_("To go on, type the word ERASE"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"]).strip()
        if typed.casefold() != gettext("ERASE").casefold():
            raise forms.ValidationError(_("Type the word as it stands above."))
        return typed

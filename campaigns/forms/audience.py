"""The step "audience": the campaign's name, and who gets it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from crm.enums import ImportState
from crm.models import Import, Segment, Tag

ALL, TAGS, SEGMENT, IMPORT = "all", "tags", "segment", "import"
KINDS = [
    (ALL, _("All contacts")),
    (TAGS, _("Contacts with tags")),
    (SEGMENT, _("A saved audience")),
    (IMPORT, _("Contacts of an import")),
]


class AudienceForm(forms.Form):
    """`audience` is what crm.audiences reads; it asks raw data, for the count while choosing."""

    name = forms.CharField(
        label=_("Name of the campaign"), max_length=120, help_text=_("Only your team sees it.")
    )
    kind = forms.ChoiceField(
        label=_("Who gets it"), choices=KINDS, widget=forms.RadioSelect, initial=ALL
    )
    tags = forms.ModelMultipleChoiceField(
        label=_("With any of these tags"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    segment = forms.ModelChoiceField(
        label=_("Saved audience"), queryset=None, required=False, empty_label=None
    )
    source = forms.ModelChoiceField(
        label=_("Imported file"), queryset=None, required=False, empty_label=None
    )
    without_tags = forms.ModelMultipleChoiceField(
        label=_("Leave out contacts with these tags"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("tags", Tag.objects.all())
        self._offer("without_tags", Tag.objects.all())
        self._offer("segment", Segment.objects.all())
        self._offer("source", Import.objects.filter(state=ImportState.DONE))

    def _offer(self, field: str, rows: Any) -> None:
        self.fields[field].queryset = rows  # type: ignore[attr-defined]

    @property
    def included(self) -> dict[str, Any]:
        """Who is chosen, before anybody is left out."""
        kind = self["kind"].value()
        if kind == TAGS:
            return {"tags": list(self["tags"].value() or [])}
        if kind == SEGMENT:
            return {"segment": str(self["segment"].value() or "")}
        if kind == IMPORT:
            return {"import": str(self["source"].value() or "")}
        return {"all": True}

    @property
    def audience(self) -> dict[str, Any]:
        """The whole audience."""
        without = list(self["without_tags"].value() or [])
        return {**self.included, **({"exclude_tags": without} if without else {})}


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """The form's values for a draft."""
    audience: Mapping[str, Any] = campaign.audience
    kind = next((kind for kind in (TAGS, SEGMENT, IMPORT) if kind in audience), ALL)
    return {
        "name": campaign.name,
        "kind": kind,
        "tags": audience.get("tags", []),
        "segment": audience.get("segment"),
        "source": audience.get("import"),
        "without_tags": audience.get("exclude_tags", []),
    }

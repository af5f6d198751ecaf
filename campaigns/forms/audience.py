"""The step "audience": the campaign's name, and who gets it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from crm.audience_form import Builder
from crm.audiences.selection import rules_of
from crm.enums import ImportState
from crm.models import Import, Segment, Tag

ALL, TAGS, SEGMENT, IMPORT, RULES = "all", "tags", "segment", "import", "rules"
KINDS = [
    (ALL, _("All contacts")),
    (TAGS, _("Contacts with tags")),
    (SEGMENT, _("A saved audience")),
    (IMPORT, _("Contacts of an import")),
    (RULES, _("Contacts that fit rules")),
]
SERVED = {"kind": "in_service", "op": "is"}  # conversations.audience_rules


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
        queryset=Tag.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    segment = forms.ModelChoiceField(
        label=_("Saved audience"), queryset=Segment.objects.none(), required=False, empty_label=None
    )
    source = forms.ModelChoiceField(
        label=_("Imported file"), queryset=Import.objects.none(), required=False, empty_label=None
    )
    without_tags = forms.ModelMultipleChoiceField(
        label=_("Leave out contacts with these tags"),
        queryset=Tag.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    without_service = forms.BooleanField(
        label=_("Leave out whoever is being helped now"),
        required=False,
        help_text=_("Contacts with an open conversation: no offers in the middle of a complaint."),
    )

    def __init__(self, data: QueryDict | None = None, *, campaign: Campaign | None, **kwargs: Any):
        super().__init__(data, **kwargs)
        kept = campaign.audience if campaign is not None else None
        self.builder = Builder(data, audience=kept)
        self._offer("tags", Tag.objects.all())
        self._offer("without_tags", Tag.objects.all())
        self._offer("segment", Segment.objects.all())
        self._offer("source", Import.objects.of_contacts().filter(state=ImportState.DONE))

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
        if kind == RULES:
            return {**self.builder.audience, **({"exclude": []} if self.builder.include else {})}
        return {"all": True}

    @property
    def audience(self) -> dict[str, Any]:
        """The whole audience: in a short form where one says it, so that it reads easily."""
        if self["kind"].value() == RULES:
            return self.builder.audience
        without = list(self["without_tags"].value() or [])
        if not without and not self["without_service"].value():
            return self.included
        return {
            "join": "all",
            "include": _RULE_OF.get(self["kind"].value(), _everybody)(self.included),
            "exclude": [
                *([{"kind": "tag", "op": "any_of", "value": without}] if without else []),
                *([SERVED] if self["without_service"].value() else []),
            ],
        }


def _everybody(chosen: Mapping[str, Any]) -> list[dict[str, Any]]:
    return []


_RULE_OF: dict[str, Callable[[Mapping[str, Any]], list[dict[str, Any]]]] = {
    ALL: _everybody,
    TAGS: lambda chosen: [{"kind": "tag", "op": "any_of", "value": chosen["tags"]}],
    SEGMENT: lambda chosen: [{"kind": "segment", "op": "any_of", "value": [chosen["segment"]]}],
    IMPORT: lambda chosen: [{"kind": "import", "op": "any_of", "value": [chosen["import"]]}],
}


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """The form's values for a draft; what the simple choices cannot say is shown as rules."""
    return {"name": campaign.name, **(_simple(campaign.audience) or {"kind": RULES})}


def _simple(audience: Mapping[str, Any]) -> dict[str, Any] | None:
    """The simple choices that say this audience; None when they cannot."""
    include, exclude = rules_of(dict(audience))
    chosen = _chosen(include)
    left_out = _left_out(exclude)
    return None if chosen is None or left_out is None else {**chosen, **left_out}


def _chosen(include: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    if not include:
        return {"kind": ALL}
    if len(include) > 1 or include[0]["op"] != "any_of":
        return None
    kind, value = include[0]["kind"], include[0].get("value") or []
    if kind == "tag":
        return {"kind": TAGS, "tags": value}
    if kind in ("segment", "import") and len(value) == 1:
        return {"kind": kind, "segment" if kind == SEGMENT else "source": value[0]}
    return None


def _left_out(exclude: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for rule in exclude:
        if (rule["kind"], rule["op"]) == ("tag", "any_of") and "without_tags" not in found:
            found["without_tags"] = rule["value"]
        elif {"kind": rule["kind"], "op": rule["op"]} == SERVED:
            found["without_service"] = True
        else:
            return None
    return found

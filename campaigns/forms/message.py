"""The step "message": from which numbers, which template, and the versions that compete."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from campaigns.choices import offered
from campaigns.enums import Metric
from campaigns.forms.variables import VariableForm, variable_forms
from campaigns.models import Campaign
from campaigns.variables import LINKS
from campaigns.variants import MOST
from connections import selectors as connections
from connections.models import Connection
from core.errors import Invalid
from core.ids import uuid_of
from crm.enums import Channel
from messaging import segments
from messaging.models import Media, Template
from messaging.rendering import examples, render
from messaging.segments import Segments
from messaging.template_parts import MEDIA_HEADERS, header_format, part

FIRST = "A"
VERSIONS = tuple(chr(ord(FIRST) + place) for place in range(MOST))
SAMPLE_PERCENT, AFTER_HOURS = 20, 4
# What the controls begin with that appear together with a second version.
NEW_CHOICES = {"sample_percent": str(SAMPLE_PERCENT), "after_hours": str(AFTER_HOURS)}
EVEN = 50  # the share of a version that nobody has weighed
ALL_AT_ONCE = ""
WINNERS = [
    (ALL_AT_ONCE, _("Nobody: everybody gets one of them at once")),
    (Metric.READ, _("The one that more people read")),
    (Metric.REPLIED, _("The one that more people answer")),
    (Metric.CLICKED, _("The one whose link more people open")),
]
HOURS = [
    (1, _("1 hour")), (2, _("2 hours")), (4, _("4 hours")), (8, _("8 hours")), (24, _("a day")),
]  # fmt: skip


class StepForm(forms.Form):
    """A form that can be shown with what was typed so far, and nothing said about it yet."""

    def hide_errors(self) -> None:
        """Forget what is wrong so far."""
        self._errors = ErrorDict()


class MessageForm(StepForm):
    """What all versions share; each version has its own `VersionForm`."""

    connections = forms.ModelMultipleChoiceField(
        label=_("Send from"),
        queryset=Connection.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose the number that it leaves from.")},
    )
    header_file = forms.ModelChoiceField(
        queryset=Media.objects.all(), required=False, widget=forms.HiddenInput
    )
    tracks_links = forms.BooleanField(
        label=_("Count who opens the links"),
        required=False,
        help_text=_("Links become short ones of your own; the report shows who opened them."),
    )
    metric = forms.ChoiceField(label=_("Which one wins"), choices=WINNERS, required=False)
    sample_percent = forms.IntegerField(
        label=_("Try them on"),
        required=False,
        min_value=5,
        max_value=80,
        initial=SAMPLE_PERCENT,
        widget=forms.NumberInput(attrs={"class": "input"}),
    )
    after_hours = forms.TypedChoiceField(
        label=_("Decide after"), choices=HOURS, coerce=int, required=False, initial=AFTER_HOURS
    )
    holdout_percent = forms.IntegerField(
        label=_("Keep back"),
        required=False,
        min_value=0,
        max_value=50,
        widget=forms.NumberInput(attrs={"class": "input"}),
        help_text=_("Contacts chosen by chance who get nothing, to see what the campaign changes."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = list(connections.alive())
        self.fields["connections"].queryset = connections.alive()  # type: ignore[attr-defined]
        if not all(connections.tells_read(number) for number in self.chosen_numbers):
            told = [choice for choice in WINNERS if choice[0] != Metric.READ]
            self.fields["metric"].choices = told  # type: ignore[attr-defined]

    @property
    def chosen_numbers(self) -> list[Connection]:
        """The numbers that are ticked now, whether the form is valid or not."""
        ticked = {str(value) for value in self["connections"].value() or ()}
        return [number for number in self.numbers if str(number.pk) in ticked]

    @property
    def mixes_accounts(self) -> bool:
        """Whether numbers of several accounts are ticked, which cannot share a campaign."""
        return len({number.account_id for number in self.chosen_numbers}) > 1

    @property
    def winner_rule(self) -> dict[str, Any]:
        """What `save_draft` takes; empty when all versions go out at once."""
        data = self.cleaned_data
        if not data["metric"]:
            return {}
        return {
            "metric": data["metric"],
            "sample_percent": data["sample_percent"] or SAMPLE_PERCENT,
            "after_minutes": (data["after_hours"] or AFTER_HOURS) * 60,
        }


class VersionForm(StepForm):
    """One text that competes: its template, its variables, its share."""

    template = forms.ModelChoiceField(
        label=_("Template"),
        queryset=Template.objects.none(),
        error_messages={"required": _("Choose what is sent.")},
    )
    weight = forms.IntegerField(
        label=_("Share"), required=False, min_value=1, max_value=100, initial=EVEN
    )

    def __init__(
        self,
        data: Any,
        *,
        key: str,
        templates: QuerySet[Template],
        letter: str,
        stored: Mapping[str, Any],
        attributes: Mapping[str, str],
        has_file: bool,
    ) -> None:
        super().__init__(data, prefix=key, initial=dict(stored))
        self.key, self.letter = key, letter
        self.fields["template"].queryset = templates  # type: ignore[attr-defined]
        chosen_id = uuid_of(str(self["template"].value() or ""))
        self.chosen = templates.filter(pk=chosen_id).first() if chosen_id else None
        is_the_stored = self.chosen is not None and str(self.chosen.pk) == str(
            stored.get("template") or ""
        )
        self.offered = offered(templates, self.chosen)
        self.variables: list[VariableForm] = variable_forms(
            self.chosen,
            version=key,
            data=data,
            stored=stored.get("variables", {}) if is_the_stored else {},
            attributes=attributes,
            has_file=has_file,
        )

    @property
    def header_link(self) -> VariableForm | None:
        """What asks for a link to the file at the top; None where there is none or it is here."""
        return next((one for one in self.variables if one.name in LINKS), None)

    @property
    def texts(self) -> list[VariableForm]:
        """The variables but for the file at the top."""
        return [one for one in self.variables if one.name not in LINKS]

    @property
    def header_kind(self) -> str:
        """image, video or document where the template has a file at its top; else empty."""
        style = header_format(part(self.chosen.components, "HEADER")) if self.chosen else ""
        return style.lower() if style in MEDIA_HEADERS else ""

    @property
    def shown(self) -> dict[str, Any] | None:
        """The message as it will look: fixed texts as they are, fields by the examples."""
        if self.chosen is None:
            return None
        values = examples(self.chosen)
        for item in self.variables:
            values[item.name] = item.spec.get("value") or values.get(item.name, "")
        return render(self.chosen, values)

    @property
    def segments(self) -> Segments | None:
        """Into how many parts an SMS is cut; None for other channels."""
        if self.chosen is None or self.chosen.channel != Channel.SMS or self.shown is None:
            return None
        return segments.count(self.shown["body"])

    @property
    def specs(self) -> dict[str, dict[str, Any]]:
        """What fills the variables, by name."""
        return {item.name: item.spec for item in self.variables}

    @property
    def variant(self) -> dict[str, Any]:
        """As `Campaign.variants` keeps it."""
        template = self.cleaned_data["template"]
        return {
            "key": self.key,
            "template": str(template.pk),
            "variables": self.specs,
            "weight": self.cleaned_data["weight"] or EVEN,
        }


def version_keys(data: Any, campaign: Campaign) -> list[str]:
    """The versions that the form shows: as posted, else as stored; the first one always."""
    posted = [key for key in data.getlist("version") if key in VERSIONS] if data else []
    stored = [variant["key"] for variant in campaign.variants]
    return sorted({FIRST, *(posted if data else stored)})


def stored_version(campaign: Campaign, key: str) -> dict[str, Any]:
    """`{"template", "variables", "weight"}` of a draft's version; empty for a new one."""
    for variant in campaign.variants:
        if variant["key"] == key:
            return variant
    if key == FIRST and campaign.template_id:
        return {"template": campaign.template_id, "variables": campaign.variables}
    return {}


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """The form's values for a draft; with a single number there is nothing to choose."""
    chosen: list[UUID] = [one.pk for one in campaign.connections.all()]
    if not chosen and campaign.connection_id:
        chosen = [campaign.connection_id]
    if not chosen:
        chosen = list(connections.alive().values_list("pk", flat=True)[:2])
        chosen = chosen if len(chosen) == 1 else []
    rule = campaign.winner_rule
    return {
        "connections": chosen,
        "header_file": campaign.media_id,
        "tracks_links": campaign.tracks_links,
        "metric": rule.get("metric", ALL_AT_ONCE),
        "sample_percent": rule.get("sample_percent", SAMPLE_PERCENT),
        "after_hours": rule.get("after_minutes", AFTER_HOURS * 60) // 60,
        "holdout_percent": campaign.holdout_percent or None,
    }


def show_errors(error: Invalid, form: MessageForm, versions: Sequence[VersionForm]) -> None:
    """Put each sentence of the service beside its control.

    The service speaks of the first version's parts by their own names (`variables.nome`), of the
    others' under `variants.<letter>`, lettered in their order.
    """
    for name, problems in error.errors.items():
        for problem in problems:
            _show(name, str(problem.message), form, versions)


def _show(name: str, sentence: str, form: MessageForm, versions: Sequence[VersionForm]) -> None:
    version, rest = versions[0], name
    if name.startswith("variants."):
        letter, _dot, rest = name.removeprefix("variants.").partition(".")
        version = versions[VERSIONS.index(letter)]
    if rest.startswith("variables."):
        variable = rest.removeprefix("variables.")
        item = next((one for one in version.variables if one.name == variable), None)
        if item is not None:
            item.refuse(sentence)
            return
    if rest in ("template", ""):
        version.add_error("template", sentence)
    else:
        form.add_error(_CONTROLS.get(rest, rest if rest in form.fields else None), sentence)


_CONTROLS = {"connection": "connections", "winner_rule": "metric", "media": "header_file"}

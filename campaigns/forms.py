"""The campaign form: its fixed fields, and one small form for each variable of the template."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.variables import ATTRIBUTE, FIELDS, label
from connections.models import Connection
from crm.enums import ImportState
from crm.models import Import, Tag
from messaging.enums import TemplateStatus
from messaging.models import Template

FIXED = "value"  # a variable's source: a text, the same for everybody

AUDIENCES = [
    ("all", _("All contacts")),
    ("tags", _("Contacts with tags")),
    ("import", _("Contacts of an import")),
]
TIMES = [("now", _("As soon as I start it")), ("later", _("At a date and time"))]


class CampaignForm(forms.Form):
    """Everything but the variables; `audience` and `moment` are the services' values."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Only your team sees it."))
    connection = forms.ModelChoiceField(
        label=_("Send from"), queryset=Connection.objects.none(), empty_label=None
    )
    template = forms.ModelChoiceField(
        label=_("Template"), queryset=Template.objects.none(), empty_label=_("Choose a template")
    )
    audience_kind = forms.ChoiceField(
        label=_("Who gets it"), choices=AUDIENCES, widget=forms.RadioSelect, initial="all"
    )
    tags = forms.ModelMultipleChoiceField(
        label=_("With any of these tags"),
        queryset=Tag.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    exclude_tags = forms.ModelMultipleChoiceField(
        label=_("Leave out contacts with"),
        queryset=Tag.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    source = forms.ModelChoiceField(
        label=_("Imported file"), queryset=Import.objects.none(), required=False, empty_label=None
    )
    when = forms.ChoiceField(
        label=_("When it starts"), choices=TIMES, widget=forms.RadioSelect, initial="now"
    )
    scheduled_at = forms.DateTimeField(
        label=_("Date and time"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("connection", Connection.objects.filter(deleted_at=None))
        approved = Template.objects.filter(status=TemplateStatus.APPROVED, deleted_at=None)
        self._choose("template", approved)
        self._choose("tags", Tag.objects.all())
        self._choose("exclude_tags", Tag.objects.all())
        self._choose("source", Import.objects.filter(state=ImportState.DONE))

    def _choose(self, field: str, rows: Any) -> None:
        self.fields[field].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("audience_kind") == "tags" and not data.get("tags"):
            self.add_error("tags", _("Choose at least one tag."))
        if data.get("audience_kind") == "import" and not data.get("source"):
            self.add_error("source", _("Choose the import."))
        if data.get("when") == "later":
            self._check_time(data.get("scheduled_at"))
        return data

    def _check_time(self, moment: Any) -> None:
        if moment is None:
            self.add_error("scheduled_at", _("Say when it is to start."))
        elif moment <= timezone.now():
            self.add_error("scheduled_at", _("This moment has passed. Choose one ahead."))

    @property
    def audience(self) -> dict[str, Any]:
        """What crm.audiences stores; asks the raw data too, for the live count while typing."""
        kind = self["audience_kind"].value()
        if kind == "import":
            return {"import": str(self["source"].value() or "")}
        without = list(self["exclude_tags"].value() or [])
        exclusion = {"exclude_tags": without} if without else {}
        if kind == "tags":
            return {"tags": list(self["tags"].value() or []), **exclusion}
        return {"all": True, **exclusion}

    @property
    def moment(self) -> Any:
        """When it starts, None for at once."""
        return self.cleaned_data["scheduled_at"] if self.cleaned_data["when"] == "later" else None


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """The form's values for a draft."""
    audience = campaign.audience
    kind = "import" if "import" in audience else "tags" if "tags" in audience else "all"
    return {
        "name": campaign.name,
        "connection": campaign.connection_id,
        "template": campaign.template_id,
        "audience_kind": kind,
        "tags": audience.get("tags", []),
        "exclude_tags": audience.get("exclude_tags", []),
        "source": audience.get("import"),
        "when": "later" if campaign.scheduled_at else "now",
        "scheduled_at": campaign.scheduled_at,
    }


class VariableForm(forms.Form):
    """What fills one variable: a text for everybody, or a field of the contact with a fallback."""

    source = forms.ChoiceField(label=_("Comes from"))
    value = forms.CharField(label=_("Text"), required=False, max_length=500)
    fallback = forms.CharField(
        label=_("If it is empty"),
        required=False,
        max_length=500,
        help_text=_("Without a text here, contacts that have none are left out."),
    )

    def __init__(
        self,
        data: Any,
        *,
        variable: Mapping[str, str],
        attributes: list[str],
        initial: Mapping[str, str],
    ) -> None:
        self.name = variable["name"]
        super().__init__(data, prefix=f"var-{self.name}", initial=dict(initial))
        self.label = label(variable)
        contact = [*FIELDS.items(), *((f"{ATTRIBUTE}{key}", key) for key in attributes)]
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            (FIXED, _("A text, the same for everybody")),
            (_("A field of the contact"), contact),
        ]

    @property
    def spec(self) -> dict[str, str]:
        """As the campaign stores it."""
        source = self["source"].value() or FIXED
        if source == FIXED:
            return {"value": self["value"].value() or ""}
        return {"field": source, "fallback": self["fallback"].value() or ""}


def variable_forms(
    template: Template | None,
    *,
    data: Mapping[str, Any] | None,
    stored: Mapping[str, Mapping[str, str]],
    attributes: list[str],
) -> list[VariableForm]:
    """One form for each variable of the template, filled from the request, else from the draft."""
    if template is None:
        return []
    return [
        VariableForm(
            data if data and f"var-{variable['name']}-source" in data else None,
            variable=variable,
            attributes=attributes,
            initial=_initial(variable, stored.get(variable["name"])),
        )
        for variable in template.variables
    ]


def _initial(variable: Mapping[str, str], spec: Mapping[str, str] | None) -> dict[str, str]:
    if spec is None:
        looks_like_name = variable["name"].lower() in {"1", "name", "nome", "first_name"}
        source = "first_name" if looks_like_name else FIXED
        return {"source": source, "fallback": variable.get("fallback", "")}
    if "field" in spec:
        return {"source": spec["field"], "fallback": spec.get("fallback", "")}
    return {"source": FIXED, "value": spec.get("value", "")}

"""One small form for each variable of a template: a text for everybody, or a contact's field."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.variables import ATTRIBUTE, FIELDS, LINKS, label
from messaging.models import Template
from messaging.template_parts import Components

FIXED = "value"  # a variable's source: a text, the same for everybody
SKIP, FILL = "skip", "fill"
EMPTY = [
    (SKIP, _("Leave the contact out")),
    (FILL, _("Put this text instead")),
]
FIRST_NAMES = {"1", "name", "nome", "first_name", "primeiro_nome"}

Specs = Mapping[str, Mapping[str, Any]]


class VariableForm(forms.Form):
    """What fills one variable; `spec` is what the campaign stores."""

    source = forms.ChoiceField(label=_("Comes from"))
    value = forms.CharField(label=_("Text"), required=False, max_length=500)
    empty = forms.ChoiceField(
        label=_("When a contact has none"), choices=EMPTY, required=False, initial=SKIP
    )
    fallback = forms.CharField(label=_("Text instead"), required=False, max_length=500)

    def __init__(
        self,
        data: Any,
        *,
        variable: Mapping[str, str],
        components: Components,
        attributes: Mapping[str, str],
        initial: Mapping[str, str],
        version: str,
    ) -> None:
        self.name = variable["name"]
        super().__init__(data, prefix=prefix_of(version, self.name), initial=dict(initial))
        self.label = label(variable, components)
        self.placeholder = "{{" + self.name + "}}"
        own = {f"{ATTRIBUTE}{key}": title for key, title in attributes.items()}
        contact = [*FIELDS.items(), *own.items()]
        same = _("A text, the same for everybody")
        if self.name in LINKS:
            same = _("A link, the same for everybody")
            self.fields["value"].label = _("Link")
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            (FIXED, same),
            (_("A field of the contact"), contact),
        ]

    @property
    def spec(self) -> dict[str, Any]:
        """As the campaign stores it; asks the raw data, for the preview while somebody types."""
        source = self._said("source") or FIXED
        if source == FIXED:
            return {"value": self._said("value")}
        if self._said("empty") == FILL:
            return {"field": source, "fallback": self._said("fallback")}
        return {"field": source, "skip_if_empty": True}

    @property
    def has_link(self) -> bool:
        """Whether something is given already, for a part that is folded away while empty."""
        return self._said("value") != "" or self._said("source") not in ("", FIXED)

    def _said(self, name: str) -> str:
        """The raw text of a control, without what PostgreSQL cannot keep."""
        return str(self[name].value() or "").replace("\0", "")

    def refuse(self, sentence: str) -> None:
        """Show what the service says about this variable."""
        self.full_clean()
        if not self.is_bound:  # its template was chosen, its controls were not there yet
            self.cleaned_data = {}
        self.add_error(None, sentence)


def prefix_of(version: str, name: str) -> str:
    """The beginning of the names of a variable's controls; each version has its own."""
    return f"{version}-var-{name}"


def variable_forms(
    template: Template | None,
    *,
    version: str,
    data: Mapping[str, Any] | None,
    stored: Specs,
    attributes: Mapping[str, str],
    has_file: bool = False,
) -> list[VariableForm]:
    """One form for each variable of the template, filled from the request, else from the draft.

    With an uploaded file, the header's needs no link.
    """
    if template is None:
        return []
    return [
        VariableForm(
            data if data and f"{prefix_of(version, variable['name'])}-source" in data else None,
            variable=variable,
            components=template.components,
            attributes=attributes,
            initial=_initial(variable, stored.get(variable["name"])),
            version=version,
        )
        for variable in template.variables
        if not (has_file and variable["name"] in LINKS)
    ]


def _initial(variable: Mapping[str, str], spec: Mapping[str, Any] | None) -> dict[str, Any]:
    if spec is None:
        source = "first_name" if variable["name"].lower() in FIRST_NAMES else FIXED
        return {"source": source, **_when_empty(variable.get("fallback", ""))}
    if "field" in spec:
        return {"source": spec["field"], **_when_empty(spec.get("fallback", ""))}
    return {"source": FIXED, "value": spec.get("value", "")}


def _when_empty(fallback: str) -> dict[str, str]:
    return {"fallback": fallback, "empty": FILL if fallback else SKIP}

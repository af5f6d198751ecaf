"""The step "message": versions, variables, and the service's sentences beside their controls."""

from typing import Any

from django.http import QueryDict

from campaigns import choices
from campaigns.forms import message as forms
from campaigns.models import Campaign
from core.errors import Invalid
from messaging.models import Template
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template


def version(template: Template, data: QueryDict | None = None, **options: Any) -> forms.VersionForm:
    defaults: dict[str, Any] = {
        "key": "A",
        "letter": "A",
        "templates": choices.sendable_templates([template.connection]),
        "stored": {},
        "attributes": {"cidade": "cidade"},
        "has_file": False,
    }
    return forms.VersionForm(data, **{**defaults, **options})


def post(template: Template, **values: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update({"A-template": str(template.pk), **values})
    return data


def test_a_new_variable_that_sounds_like_a_name_takes_the_first_name(company: Company) -> None:
    template = a_template(a_connection())
    given = version(template, post(template))
    assert given.specs == {"nome": {"field": "first_name", "skip_if_empty": True}}


def test_each_variable_is_a_text_or_a_field_with_an_explicit_way_out(company: Company) -> None:
    template = a_template(a_connection())

    def spec(**values: str) -> Any:
        names = {f"A-var-nome-{name}": value for name, value in values.items()}
        return version(template, post(template, **names)).specs["nome"]

    assert spec(source="value", value="Oi") == {"value": "Oi"}
    assert spec(source="name", empty="fill", fallback="cliente") == {
        "field": "name",
        "fallback": "cliente",
    }
    assert spec(source="attribute:cidade", empty="skip", fallback="x") == {
        "field": "attribute:cidade",
        "skip_if_empty": True,
    }


def test_the_preview_has_fixed_texts_and_the_examples_of_fields(company: Company) -> None:
    template = a_template(a_connection())
    typed = {"A-var-nome-source": "value", "A-var-nome-value": "Bia"}
    fixed, field = version(template, post(template, **typed)), version(template, post(template))
    assert fixed.shown is not None
    assert field.shown is not None
    assert (fixed.shown["body"], field.shown["body"]) == (
        "Olá Bia, temos uma oferta.",
        "Olá Ana, temos uma oferta.",
    )


def test_an_uploaded_file_needs_no_link(company: Company) -> None:
    template = a_template(
        a_connection(),
        components=[{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Oi"}],
        variables=[{"name": "header_image", "example": "", "where": "header"}],
    )
    with_link = version(template, post(template))
    with_file = version(template, post(template), has_file=True)
    assert with_link.header_kind == "image"
    assert [one.name for one in with_link.variables] == ["header_image"]
    assert with_file.variables == []


def test_the_versions_are_those_posted_else_those_stored(company: Company) -> None:
    campaign = Campaign(variants=[{"key": "A"}, {"key": "B"}])
    assert forms.version_keys(None, campaign) == ["A", "B"]
    assert forms.version_keys(QueryDict("version=A&version=C&version=x"), campaign) == ["A", "C"]
    assert forms.version_keys(None, Campaign()) == ["A"]


def test_a_draft_with_one_content_is_shown_as_its_first_version(company: Company) -> None:
    campaign = a_campaign()
    stored = forms.stored_version(campaign, "A")
    assert stored == {"template": campaign.template_id, "variables": campaign.variables}
    assert forms.stored_version(campaign, "B") == {}


def test_the_only_number_is_chosen_already(company: Company) -> None:
    number = a_connection()
    campaign = a_campaign(template=None)
    assert forms.initial_of(campaign)["connections"] == [number.pk]
    a_connection()
    assert forms.initial_of(campaign)["connections"] == []


def test_what_the_service_says_stands_beside_its_control(company: Company) -> None:
    template = a_template(a_connection())
    form = forms.MessageForm(QueryDict("tracks_links=on"))
    shown = [version(template, post(template)), version(template, post(template), letter="B")]
    errors = {
        "connection": "a number",
        "variables.nome": "a name",
        "variants.B": "a template",
        "variants.B.variables.nome": "another name",
        "holdout_percent": "less",
    }
    forms.show_errors(Invalid(errors), form, shown)
    assert "a number" in form.errors["connections"]
    assert form.errors["holdout_percent"] == ["less"]
    assert shown[0].variables[0].non_field_errors() == ["a name"]
    assert "a template" in shown[1].errors["template"]
    assert shown[1].variables[0].non_field_errors() == ["another name"]


def test_reading_decides_nothing_where_nobody_tells_of_it(company: Company) -> None:
    def offered(*providers: str) -> bool:
        numbers = [a_connection(provider=provider) for provider in providers]
        form = forms.MessageForm(initial={"connections": [one.pk for one in numbers]})
        return "read" in dict(form.fields["metric"].choices)

    assert (offered(), offered("whatsapp_cloud"), offered("twilio_sms")) == (True, True, False)

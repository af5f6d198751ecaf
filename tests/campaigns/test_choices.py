"""What the wizard offers: templates that may be sent, found by name or text."""

from campaigns import choices
from messaging.enums import TemplateStatus
from tenants.models import Company
from tests.campaigns.factories import a_connection, a_template


def test_approved_templates_of_the_chosen_numbers_alone(company: Company) -> None:
    ours, other = a_connection(), a_connection()
    wanted = a_template(ours)
    a_template(ours, status=TemplateStatus.PAUSED)
    elsewhere = a_template(other)
    assert list(choices.sendable_templates([ours])) == [wanted]
    assert set(choices.sendable_templates([])) == {wanted, elsewhere}


def test_words_are_found_in_names_and_texts(company: Company) -> None:
    number = a_connection()
    coupon = a_template(number, name="cupom_natal")
    text = [{"type": "BODY", "text": "Seu boleto vence amanhã"}]
    bill = a_template(number, name="lembrete", components=text, variables=[])
    assert list(choices.sendable_templates([number], q="natal")) == [coupon]
    assert list(choices.sendable_templates([number], q="boleto vence")) == [bill]


def test_the_chosen_one_is_always_among_those_offered(company: Company) -> None:
    number = a_connection()
    chosen = a_template(number, name="zzz")
    rows = choices.sendable_templates([number], q="nothing like it")
    assert [one["template"] for one in choices.offered(rows, chosen)] == [chosen]

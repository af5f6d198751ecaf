"""A contact as it leaves."""

from crm.services.contacts import create_contact
from integrations.preferences import Preferences
from integrations.services.sending import card_of
from tenants.models import Company


def test_a_card_has_the_number_its_other_spelling_to_search_by_and_mapped_fields(
    company: Company,
) -> None:
    person = create_contact(
        name="Ana", phone="+5511987654321", email="ana@example.com",
        attributes={"cidade": "Recife", "pontos": 3},
    )  # fmt: skip
    chosen = Preferences(mapping={"cidade": "1", "pontos": "3", "plano": "4"})
    card = card_of(person, chosen)
    assert (card.name, card.phones, card.aliases) == ("Ana", ["+5511987654321"], ["+551187654321"])
    assert card.email == "ana@example.com"
    assert dict(card.fields) == {"1": "Recife", "3": "3"}

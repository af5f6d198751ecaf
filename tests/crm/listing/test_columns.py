"""The columns of the list: the company's own too, each member's choice, and rights."""

from collections.abc import Callable

import pytest
from django.test import Client

from core import scope
from core.errors import Invalid
from crm.enums import FieldKind
from crm.listing import columns
from crm.services.contact_views import keep_columns
from crm.services.contacts import update_contact
from crm.services.fields import create_field
from team.models import Member
from tenants.enums import Role
from tenants.links import company_path
from tenants.models import Company, Person
from tenants.permissions import granted_to
from tests.crm.factories import a_contact

CAN = granted_to(Role.OWNER)


@pytest.fixture
def member(company: Company, people: dict[str, Person]) -> Member:
    """The company's owner."""
    return Member.objects.get(person_id=people[Role.OWNER].pk)


def test_a_member_keeps_columns_in_an_order_and_none_means_the_usual_ones(
    company: Company, member: Member
) -> None:
    assert columns.chosen_by(member) == columns.USUAL
    keep_columns(member=member, keys=["created", "email", "created"], can=CAN)
    assert columns.chosen_by(member) == ("created", "email")
    keep_columns(member=member, keys=[], can=CAN)
    assert columns.chosen_by(member) == columns.USUAL


def test_only_columns_that_are_there_and_allowed_can_be_chosen(
    company: Company, member: Member
) -> None:
    with pytest.raises(Invalid):
        keep_columns(member=member, keys=["password"], can=CAN)
    with pytest.raises(Invalid):
        keep_columns(member=member, keys=["assignee"], can=["contacts.view"])


def test_the_list_shows_own_fields_lists_and_what_other_apps_know(
    aurora: Company, client_for: Callable[..., Client]
) -> None:
    with scope.opened(aurora), scope.surroundings(aurora):
        field = create_field(label="Renda", kind=FieldKind.MONEY)
        contact = a_contact()
        update_contact(contact=contact, changes={"attributes": {field.key: "1234.5"}})
    keys = f"attribute:{field.key},lists,assignee,last_campaign,active,nonsense"
    page = client_for(aurora).get(company_path(aurora, "contacts"), {"columns": keys})
    text = page.content.decode()
    assert len(page.context["heads"]) == 5  # what there is no more is left out
    assert str(page.context["heads"][0]["label"]) == "Renda"
    assert "1.234,50" in text or "1,234.50" in text

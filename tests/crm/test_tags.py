"""Tags are one whatever their case, accents and spaces."""

import pytest

from core.errors import Conflict, Invalid
from crm.models import Tag
from crm.services import tags
from crm.services.contacts import set_tags
from tests.crm.factories import a_contact

pytestmark = pytest.mark.usefixtures("company")


@pytest.mark.parametrize("name", ["Cliente VIP", "  cliente   vip ", "CLIÉNTE VIP"])
def test_case_accents_and_spaces_make_no_new_tag(name: str) -> None:
    first = tags.create_tag(name="Cliente Vip")
    assert tags.ensure_tags(names=[name]) == [first]
    with pytest.raises(Conflict) as caught:
        tags.create_tag(name=name)
    assert (caught.value.code, caught.value.field) == ("tag_exists", "name")


def test_missing_tags_are_made_in_the_given_order_without_repeats() -> None:
    made = tags.ensure_tags(names=["Recife", "", "Feira", "recife "])
    assert [tag.name for tag in made] == ["Recife", "Feira"]
    assert Tag.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "color", "field"),
    [("  ", "gray", "name"), ("a" * 61, "gray", "tags"), ("VIP", "beige", "color")],
)
def test_what_is_no_tag_is_refused(name: str, color: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        tags.create_tag(name=name, color=color)
    assert list(caught.value.errors) == [field]


def test_a_tag_may_be_renamed_to_another_spelling_of_itself() -> None:
    tag = tags.update_tag(tag=tags.create_tag(name="vip"), name="VIP", color="amber")
    tag.refresh_from_db()
    assert (tag.name, tag.key, tag.color) == ("VIP", "vip", "amber")


def test_a_tag_goes_and_its_contacts_stay() -> None:
    contact = a_contact()
    set_tags(contact=contact, tags=["VIP"])
    tags.delete_tag(tag=Tag.objects.get())
    contact.refresh_from_db()
    assert list(contact.tags.all()) == []

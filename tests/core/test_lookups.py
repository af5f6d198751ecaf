"""Many keys as one array."""

from uuid import UUID, uuid4

import pytest

from crm.models import Contact, Identity
from tests.messaging import factories

pytestmark = pytest.mark.usefixtures("company")


def test_any_of_finds_rows_by_key_relation_and_text() -> None:
    first, second, _third = factories.contacts(3)
    wanted = {first.pk, second.pk, uuid4()}

    assert set(Contact.objects.filter(pk__any_of=wanted)) == {first, second}
    held = Identity.objects.filter(contact__any_of=wanted)
    assert {row.contact_id for row in held} == {first.pk, second.pk}
    values = [row.value for row in held]
    assert Identity.objects.filter(value__any_of=values).count() == 2


@pytest.mark.parametrize("nothing", [[], (), set(), {}.keys()])
def test_none_of_nothing(nothing: list[UUID]) -> None:
    factories.contacts(1)
    assert not Contact.objects.filter(pk__any_of=nothing).exists()
    assert not Identity.objects.filter(value__any_of=nothing).exists()

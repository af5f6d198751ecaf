"""Nothing that points at a contact is forgotten when contacts are merged."""

from crm import lifecycle
from crm.models import Contact


def test_every_foreign_key_to_a_contact_has_a_participant() -> None:
    keys = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in Contact._meta.get_fields(include_hidden=True)
        if relation.auto_created and (relation.one_to_many or relation.one_to_one)
    }
    assert {one.name for one in lifecycle.participants()} == keys

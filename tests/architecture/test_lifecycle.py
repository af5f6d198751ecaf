"""Nothing that points at a contact is forgotten when contacts are merged, told about or erased."""

from django.db import models

from core.fields import EncryptedJSONField
from crm import lifecycle
from crm.lifecycle import Erased
from crm.models import Contact

# Columns that could hold words, and what they hold instead. Whoever adds one to a model whose rows
# outlive the person says here why it names nobody, or has its participant take it away.
NAMELESS = {
    "crm.Consent.contact": {"channel", "purpose", "action", "text_version"},
    "crm.ImportRow.contact": {"code", "note", "undo"},
    "crm.Erasure.contact": {"contacts", "reason", "state", "step", "cursor", "counts"},
    "sources.Told.contact": {"key", "kind"},  # a digest
    "messaging.Thread.contact": set(),
    "messaging.TierUse.contact": {"portfolio_id"},
    "messaging.Message.contact": {
        "direction", "kind", "origin", "purpose", "variant", "dispatch", "code", "currency",
    },
}  # fmt: skip
WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def test_every_foreign_key_to_a_contact_has_a_participant() -> None:
    keys = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in Contact._meta.get_fields(include_hidden=True)
        if relation.auto_created and (relation.one_to_many or relation.one_to_one)
    }
    assert {one.name for one in lifecycle.participants()} == keys


def test_every_column_that_outlives_a_person_is_blank_or_names_nobody() -> None:
    left = {
        one.name: {
            field.name
            for field in one.model._meta.concrete_fields
            if isinstance(field, WORDS) and not isinstance(field, EncryptedJSONField)
        }
        - (set() if isinstance(one.erased, Erased) else set(one.erased))
        for one in lifecycle.participants()
        if one.erased is not Erased.DELETED
    }
    assert left == NAMELESS

"""Models that exist only for the tests of core, in tables made by the ``vaults`` fixture."""

from __future__ import annotations

from django.db import models

from core.fields import EncryptedJSONField, EncryptedTextField
from core.ids import uuid7


class Vault(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7)
    label = models.CharField(max_length=50, default="")
    token = EncryptedTextField(default="")
    other = EncryptedTextField(null=True)
    credentials = EncryptedJSONField(default=dict)

    class Meta:
        app_label = "core_tests"
        db_table = "core_tests_vault"

    def __str__(self) -> str:
        return self.label


class Entry(models.Model):
    """A row with a time that others share."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField()

    class Meta:
        app_label = "core_tests"
        db_table = "core_tests_entry"

    def __str__(self) -> str:
        return str(self.at)

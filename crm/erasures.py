"""What remains of people who were erased: a certificate, and marks that keep them away."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedJSONField
from core.ids import uuid7
from crm.enums import ErasureReason, ErasureState
from team.models import Member


class Erasure(models.Model):
    """A person was erased: who asked for it, why, when, and how many rows of each kind it was.

    The certificate of it; names nobody. The contact stays as a row without content, since messages
    that were counted and paid point at it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.OneToOneField("crm.Contact", on_delete=models.PROTECT, related_name="erasure")
    # Its id and those of the contacts that were merged into it.
    contacts = models.JSONField(default=list)
    reason = models.CharField(_("reason"), max_length=12, choices=ErasureReason)
    state = models.CharField(max_length=7, choices=ErasureState, default=ErasureState.RUNNING)
    # Names and addresses to look for (crm.traces.Subject); empty as soon as it is done.
    subject = EncryptedJSONField(default=dict)
    step = models.CharField(max_length=120, blank=True)  # what it is at: crm.services.erasing
    cursor = models.CharField(max_length=64, blank=True)  # how far it is there
    counts = models.JSONField(default=dict)  # rows by participant or place
    requested_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        indexes = [
            models.Index(fields=["-requested_at", "-id"], name="erasure_newest"),
            # Each erasure and each restored contact asks whether it was erased.
            GinIndex(fields=["contacts"], opclasses=["jsonb_path_ops"], name="erasure_contacts"),
        ]

    def __str__(self) -> str:
        return str(self.contact_id)


class Tombstone(models.Model):
    """An address of somebody who was erased, as an HMAC: no file, form or program brings them
    back. Their own message does."""

    address_hmac = models.CharField(max_length=64, primary_key=True)
    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="tombstones")

    def __str__(self) -> str:
        return self.address_hmac[:8]

"""A company's own view of its people, and what they are told."""

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from tenants.enums import Role


class Member(models.Model):
    """The company's copy of a membership; company tables point here, never to the public person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(unique=True)
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=8, choices=Role)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name or self.email


class Notification(models.Model):
    """Something a member should know; `code` names the sentence, `data` fills it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notifications")
    code = models.CharField(max_length=48)  # team.notifications.KINDS
    data = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)  # path inside the company
    created_at = models.DateTimeField(default=now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["member", "-created_at"], name="notification_list")]

    def __str__(self) -> str:
        return self.code

"""Campaigns: one template to many contacts, once."""

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from campaigns.enums import CampaignState
from connections.models import Connection
from core.ids import uuid7
from messaging.models import Media, Stream, Template
from team.models import Member


class Campaign(models.Model):
    """What is sent, to whom and when; its recipients are the messages of its stream."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(
        _("state"), max_length=9, choices=CampaignState, default=CampaignState.DRAFT
    )
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="campaigns", verbose_name=_("connection")
    )
    template = models.ForeignKey(
        Template, on_delete=models.PROTECT, related_name="campaigns", verbose_name=_("template")
    )
    # {variable: {"value": "…"} | {"field": "name" | "first_name" | "phone" | "attribute:cidade",
    #             "fallback": "…"}}
    variables = models.JSONField(default=dict)
    # {"all": true} | {"tags": [ids], "exclude_tags": [ids]} | {"contacts": [ids]} | {"import": id}
    audience = models.JSONField(default=dict)
    # All numbers that share the work, `connection` among them; empty: it alone.
    connections = models.ManyToManyField(Connection, related_name="+", blank=True)
    # A/B: [{"key": "A", "template": id, "variables": {…}, "weight": 50}, …]; empty: one content.
    variants = models.JSONField(default=list, blank=True)
    # {"metric": "read" | "replied" | "clicked", "sample_percent": 20, "after_minutes": 240}: the
    # rest of the audience waits for the better one; empty: everybody at once by weight.
    winner_rule = models.JSONField(default=dict, blank=True)
    winner = models.CharField(max_length=8, blank=True)
    holdout_percent = models.PositiveSmallIntegerField(default=0)  # kept out, to compare with
    window = models.JSONField(default=dict, blank=True)  # as messaging.Stream.rules["window"]
    local_time = models.BooleanField(default=False)  # the window by the recipient's clock
    rate_per_minute = models.PositiveIntegerField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    budget = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    tracks_links = models.BooleanField(default=True)
    media = models.ForeignKey(
        Media, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # the file of the template's header
    content_version = models.PositiveIntegerField(default=1)
    cloned_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="clones"
    )
    resend_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="resends"
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    stream = models.OneToOneField(Stream, on_delete=models.PROTECT, related_name="campaign")
    scheduled_at = models.DateTimeField(_("scheduled for"), null=True, blank=True)
    # Where preparing stands: the last contact id whose chunk has committed.
    prepare_cursor = models.UUIDField(null=True)
    prepared_at = models.DateTimeField(null=True)
    state_code = models.CharField(max_length=48, blank=True)  # why it paused by itself or failed
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        indexes = [
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(deleted_at=None),
                name="campaign_newest",
            ),
        ]

    def __str__(self) -> str:
        return self.name

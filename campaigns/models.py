"""Campaigns: one template to many contacts, once; their tracked links and exports.

A campaign's recipients are the messages of its stream. Two values of `Message.variant` are ours
beside the variants' keys: `holdout` (kept out, to compare with; skipped with that code) and
`rest` (waits until the better variant is known).
"""

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from campaigns.enums import CampaignState, ExportFormat, WinnerCode
from connections.models import Connection
from core.ids import uuid7
from crm.models import ExportedFile
from messaging.models import Media, Message, Stream, Template
from team.models import Member


class Campaign(models.Model):
    """What is sent, to whom and when. A draft may lack anything but its name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(
        _("state"), max_length=9, choices=CampaignState, default=CampaignState.DRAFT
    )
    connection = models.ForeignKey(
        Connection,
        on_delete=models.PROTECT,
        null=True,
        related_name="campaigns",
        verbose_name=_("connection"),
    )
    template = models.ForeignKey(
        Template,
        on_delete=models.PROTECT,
        null=True,
        related_name="campaigns",
        verbose_name=_("template"),
    )
    # {variable: {"value": "…"} | {"field": "name" | "first_name" | "phone" | "attribute:cidade",
    #             "fallback": "…"}}
    variables = models.JSONField(default=dict)
    # {"all": true} | {"tags": [ids], "exclude_tags": [ids]} | {"contacts": [ids]} | {"import": id}
    audience = models.JSONField(default=dict)
    # All numbers that share the work, `connection` among them; empty: it alone.
    connections = models.ManyToManyField(Connection, related_name="+", blank=True)
    # A/B: [{"key": "A", "template": id, "variables": {…}, "weight": 50}, …]; empty: one content.
    # `template` and `variables` above are those of the first.
    variants = models.JSONField(default=list, blank=True)
    # {"metric": "read" | "replied" | "clicked", "sample_percent": 20, "after_minutes": 240}: the
    # rest of the audience waits for the better one; empty: everybody at once by weight.
    winner_rule = models.JSONField(default=dict, blank=True)
    winner = models.CharField(max_length=8, blank=True)
    winner_code = models.CharField(max_length=8, choices=WinnerCode, blank=True)  # how it won
    winner_due_at = models.DateTimeField(null=True)  # when it is looked for (again)
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

    @property
    def provider(self) -> str:
        """The slug of the provider that it goes through; empty while none is chosen."""
        return self.connection.provider if self.connection is not None else ""


class Link(models.Model):
    """An address that a campaign's messages lead to."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="links")
    url = models.CharField(max_length=2000)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "url"], name="link_once")]

    def __str__(self) -> str:
        return self.url


class LinkCode(models.Model):
    """A link as one recipient gets it: `/l/<company's prefix><code>` (campaigns.links).

    The code is a random number, so that nobody finds another's by counting.
    """

    code = models.BigIntegerField(primary_key=True)
    # Written by the hundred thousand beside their messages, which are never deleted: no constraint
    # is checked for each, and the link, which they all share, has no index.
    link = models.ForeignKey(
        Link, on_delete=models.CASCADE, related_name="codes", db_index=False, db_constraint=False
    )
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="link_codes", db_constraint=False
    )

    def __str__(self) -> str:
        return str(self.code)


class Click(models.Model):
    """Somebody opened a link. When, and nothing else: no address, no browser."""

    id = models.BigAutoField(primary_key=True)
    code = models.ForeignKey(LinkCode, on_delete=models.CASCADE, related_name="clicks")
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.code_id} {self.at:%Y-%m-%d %H:%M}"


class Export(ExportedFile):
    """A campaign's recipients as a file."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(max_length=4, choices=ExportFormat)
    # As selectors.recipients takes them: {"state": "failed", "code": "131026", "variant": "A"}.
    filters = models.JSONField(default=dict)

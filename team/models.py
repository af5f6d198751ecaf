"""A company's own view of its people, and what they are told."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from team.enums import TeamColor
from tenants.enums import Role


class Member(models.Model):
    """The company's copy of a membership; company tables point here, never to the public person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(unique=True)
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=8, choices=Role)
    is_active = models.BooleanField(_("active"), default=True)
    # The member's own switch; whether they are there at all is team.presence's answer.
    is_available = models.BooleanField(
        _("available for new conversations"), default=True, db_default=True
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name or self.email


class Team(models.Model):
    """Members who look after the same conversations."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=60)
    color = models.CharField(_("colour"), max_length=12, choices=TeamColor, default=TeamColor.BLUE)
    # New conversations of the team go to the member who is there and has the fewest.
    assigns_automatically = models.BooleanField(_("assigns automatically"), default=False)
    # Its members are told when a customer waits longer for an answer; null: never.
    alert_after_minutes = models.PositiveSmallIntegerField(
        _("tell the team after"), null=True, blank=True
    )
    # Minutes of business hours within which its customers have an answer; null: the company's.
    first_reply_minutes = models.PositiveSmallIntegerField(_("first reply within"), null=True)
    next_reply_minutes = models.PositiveSmallIntegerField(_("next reply within"), null=True)
    # The team of conversations that nobody gave to another one.
    is_default = models.BooleanField(_("default team"), default=False)
    members = models.ManyToManyField(Member, through="TeamMember", related_name="teams")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="team_name_once"),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="team_default_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """A member's place in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="places")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="places")
    # When a conversation of the team was last given to them; who waited longest is first.
    given_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "member"], name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.team_id} {self.member_id}"


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


class NotificationPreference(models.Model):
    """What a member chose about a kind of notification; without a row its default holds."""

    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, related_name="notification_preferences"
    )
    code = models.CharField(max_length=48)  # team.notifications.KINDS
    in_app = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "code"], name="notification_preference_once")
        ]

    def __str__(self) -> str:
        return self.code


class RetentionRule(models.Model):
    """How long the company keeps a kind of data (core.retention); without a row its default."""

    kind = models.CharField(max_length=24, unique=True)
    days = models.PositiveIntegerField(null=True)  # null: for ever
    changed_at = models.DateTimeField(default=now)
    changed_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.kind} {self.days}"


class RetentionRun(models.Model):
    """One night's forgetting of a kind of data: how far it is, and what it came to."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=24)
    before = models.DateTimeField()  # what is older goes
    # Where each source goes on, by its name; a later run takes them over.
    places = models.JSONField(default=dict)
    finished = models.JSONField(default=list)  # names of the sources that are done
    count = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(default=now, editable=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-begun_at", "-id"]
        indexes = [models.Index(fields=["kind", "-begun_at"], name="retention_run_list")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(ended_at=None), name="retention_run_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.count}"

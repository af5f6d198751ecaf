"""The public schema: companies, people, what they may do, and which address belongs to whom."""

import secrets
import string
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from core.fields import EncryptedJSONField, EncryptedTextField
from core.ids import uuid7
from tenants.enums import CompanyState, Role, RouteKind, RouteState

LINK_ALPHABET = string.digits + string.ascii_letters
SLUG_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$"


def new_link_prefix() -> str:
    """Four letters or digits; 14 million companies fit, and a collision fails loudly."""
    return "".join(secrets.choice(LINK_ALPHABET) for _ in range(4))


class Company(TenantMixin):
    """A tenant. Its tables live in the schema `c_<uuid hex>`; the slug in its URLs may change."""

    auto_create_schema = False  # services.companies clones the template schema
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    slug = models.CharField(
        _("address"),
        max_length=50,
        unique=True,
        validators=[
            RegexValidator(
                SLUG_PATTERN,
                _("Use 1 to 50 lower-case letters, digits and hyphens, no hyphen at the ends."),
            )
        ],
    )
    state = models.CharField(
        _("state"), max_length=12, choices=CompanyState, default=CompanyState.ACTIVE
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="pt-br"
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="America/Sao_Paulo")
    # How its tracked links begin (/l/<prefix><code>), so that one address serves all companies.
    link_prefix = models.CharField(
        max_length=4, unique=True, default=new_link_prefix, editable=False
    )
    # The company whose schema new ones are cloned from; never shown, never entered by people.
    is_template = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state == CompanyState.ACTIVE

    @property
    def path_prefix(self) -> str:
        """Where its pages live on the platform's host."""
        return f"/c/{self.slug}/"


class Domain(DomainMixin):
    """A host of a company's own; it answers 308 to `/c/<slug>/` on the platform host."""

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")


class FormerSlug(models.Model):
    """An address that a company once had; it redirects to the current one for ever."""

    slug = models.CharField(max_length=50, primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="former_slugs")

    def __str__(self) -> str:
        return self.slug


class PersonManager(BaseUserManager["Person"]):
    """Creates people by e-mail; allauth and the superadmin command use it."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "Person":
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(
        self, email: str, password: str | None = None, **fields: object
    ) -> "Person":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in; a member of none, one or several companies, or a superadmin."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="pt-br"
    )
    is_staff = models.BooleanField(_("superadmin"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined at"), default=now, editable=False)

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["email"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return (self.name or self.email).split()[0].split("@")[0]


class Membership(models.Model):
    """A person's place in a company: the truth about who may do what there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.AGENT)
    created_at = models.DateTimeField(_("since"), default=now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["company", "person"], name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.company}"


def invitation_expiry() -> datetime:
    """When an invitation that is made now stops being valid."""
    return now() + timedelta(hours=settings.INVITATION_HOURS)


class Invitation(models.Model):
    """A link that lets one e-mail address join one company, once; only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.AGENT)
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="invitations_sent"
    )
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField(_("valid until"), default=invitation_expiry)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        return not (self.accepted_at or self.revoked_at) and self.expires_at > now()


class ApiKey(models.Model):
    """A program's key to one company: hashed, recognisable by its prefix, limited by scopes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("starts with"), max_length=24, unique=True, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """The registry: which company an address of the outside world belongs to, across the platform.

    A number (`external_id` = Meta's phone number id) or a webhook address (`external_id` = the
    routing id in its URL, with the secret that its signatures are made with). One row per address
    whatever happens to its company; `RouteOwner` keeps who had it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8, choices=RouteKind)
    provider = models.CharField(max_length=32)
    external_id = models.CharField(max_length=128)
    # The account above a number: callbacks about the account alone reach its companies by it.
    account_id = models.CharField(max_length=128, blank=True, default="")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="routes")
    connection_id = models.UUIDField(null=True)
    state = models.CharField(max_length=8, choices=RouteState, default=RouteState.ACTIVE)
    secret = EncryptedTextField(blank=True, default="")
    verify_token = EncryptedTextField(blank=True, default="")
    # How its callbacks are signed, where each address has its own way: no secrets.
    settings = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "provider", "external_id"], name="route_belongs_to_one"
            )
        ]
        indexes = [
            models.Index(
                fields=["provider", "account_id"],
                condition=models.Q(kind=RouteKind.NUMBER),
                name="route_of_account",
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.external_id}"


class RouteOwner(models.Model):
    """A line of a route's history: who had it, from when."""

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="history")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=RouteState)
    at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return f"{self.route_id} {self.state} {self.at:%Y-%m-%d}"


class IdempotencyKey(models.Model):
    """What a POST with an Idempotency-Key answered, kept for a day: a repeat gets the same."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)  # null: still being answered
    # Encrypted: what was answered once may hold what is shown once (a key, an invitation's link).
    response = EncryptedJSONField(null=True)
    created_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="idempotency_key_once")
        ]

    def __str__(self) -> str:
        return self.key


class IncidentRollup(models.Model):
    """An incident of a company (`events.Incident`) as the superadmin sees it: no customer data.

    Without a company it is one of the platform itself (`tenants.services.incidents`).
    """

    id = models.UUIDField(primary_key=True, editable=False)  # the incident's own
    company = models.ForeignKey(
        Company, on_delete=models.CASCADE, null=True, related_name="incidents"
    )
    kind = models.CharField(_("kind"), max_length=48)
    scope = models.CharField(_("what is in trouble"), max_length=64)
    cause = models.CharField(_("cause"), max_length=48)
    times = models.PositiveIntegerField(_("times"), default=1)
    opened_at = models.DateTimeField(_("since"))
    closed_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-opened_at"]
        indexes = [
            models.Index(
                fields=["-opened_at"],
                condition=models.Q(closed_at=None),
                name="incident_rollup_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.kind} {self.cause}"

"""API keys: shown once, kept as a hash, found by their prefix."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from tenants.enums import CompanyState
from tenants.models import ApiKey, Company, Person
from tenants.permissions import unknown

PREFIX = "mia_live_"
TOUCH_EVERY = timedelta(minutes=1)


def create_api_key(
    *, company: Company, name: str, scopes: Sequence[str], by: Person | None
) -> tuple[ApiKey, str]:
    """Make a key; returns it with its secret, which nobody can read again.

    Raises:
        core.errors.Invalid: no name, no scope, or a scope that is no permission.
    """
    wrong = unknown(scopes)
    if wrong:
        message = _("There is no scope called %(scope)s.") % {"scope": wrong[0]}
        raise Invalid({"scopes": message})
    if not scopes:
        raise Invalid({"scopes": _("Choose at least one scope.")})
    if not name.strip():
        raise Invalid({"name": _("Give the key a name, so that you know later what uses it.")})
    prefix = PREFIX + secrets.token_hex(4)
    secret = f"{prefix}_{secrets.token_hex(24)}"
    key = ApiKey.objects.create(
        company=company,
        name=name.strip(),
        prefix=prefix,
        sha256=_digest(secret),
        scopes=list(scopes),
        created_by=by,
    )
    return key, secret


def find(secret: str) -> ApiKey | None:
    """The live key of an active company that a secret belongs to; None for anything else."""
    prefix = secret[: len(PREFIX) + 8]
    key = (
        ApiKey.objects.select_related("company")
        .filter(prefix=prefix, revoked_at=None, company__state=CompanyState.ACTIVE)
        .first()
    )
    if key is None or not constant_time_compare(key.sha256, _digest(secret)):
        return None
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > TOUCH_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def revoke(*, key: ApiKey) -> None:
    """End a key at once."""
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

"""Creating, changing, switching and deleting sources: the one door for writes about them."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError, Invalid
from team.models import Member
from webhooks.sources import mapping as mappings
from webhooks.sources import verification
from webhooks.sources.enums import Scheme, SourceState
from webhooks.sources.models import Source
from webhooks.sources.presets import PRESETS, preset
from webhooks.sources.presets.base import Preset
from webhooks.sources.services import routes

NAME_LENGTH, SECRET_LENGTH, HEADER_LENGTH = 80, 500, 80
SECRET_BYTES = 32
MOST_TAGS = 20
# What a company may say about each scheme, and what holds if it says nothing.
SETTINGS: dict[str, dict[str, str]] = {
    Scheme.NONE: {},
    Scheme.HEADER: {"header": "X-Secret"},
    Scheme.BEARER: {},
    Scheme.QUERY: {"parameter": "token"},
    Scheme.HMAC: {
        "header": "X-Signature",
        "algorithm": "sha256",
        "encoding": "hex",
        "prefix": "",
        "timestamp_header": "",
        "template": "",
    },
    Scheme.STANDARD: {},
}


@dataclass(frozen=True, slots=True)
class Created:
    """A source, and the secret that it is to be told: shown once, empty if there is none."""

    source: Source
    secret: str


@transaction.atomic
def create_source(
    *,
    name: str,
    preset_slug: str,
    scheme: str = "",
    settings: Mapping[str, str] | None = None,
    secret: str = "",
    credentials: Mapping[str, str] | None = None,
    by: Member | None = None,
) -> Created:
    """A new address for a system.

    Args:
        scheme, settings: how it proves itself, where the preset leaves that open.
        secret: what the vendor showed; where we give it (or none is entered) it is made.

    Raises:
        core.errors.Invalid: by `name`, `preset`, `scheme`, `secret`, or a setting's name.
    """
    if preset_slug not in PRESETS:
        raise Invalid({"preset": FieldError("unknown", _("There is no such system."))})
    chosen = preset(preset_slug)
    told = _checked_scheme(chosen, scheme, settings or {})
    source = Source(
        name=_name(name),
        preset=preset_slug,
        token=routes.new_token(),
        created_by=by,
        scheme=told.pop("scheme"),
        verification=told,
    )
    source.credentials = _credentials(chosen, credentials or {})
    kept = _secret(source, chosen, secret)
    source.has_secret = bool(kept)
    source.save()
    routes.claim(source, secret=kept)
    return Created(source, kept if kept and not secret.strip() else "")


@transaction.atomic
def update_source(*, source: Source, changes: Mapping[str, Any]) -> Source:
    """Change what is named and nothing else: name, creates_contacts, tags, gives_opt_in,
    opt_in_source, credentials, mapping, scheme with settings.

    Raises:
        core.errors.Invalid: by the field.
    """
    source = _locked(source)
    if "name" in changes:
        source.name = _name(str(changes["name"]))
    if "tags" in changes:
        source.tags = _tags(changes["tags"])
    for name in ("creates_contacts", "gives_opt_in"):
        if name in changes:
            setattr(source, name, bool(changes[name]))
    if "opt_in_source" in changes:
        source.opt_in_source = str(changes["opt_in_source"]).replace("\0", "").strip()[:120]
    if "mapping" in changes:
        source.mapping = mappings.checked(changes["mapping"]) if changes["mapping"] else {}
    if changes.get("credentials"):
        given = _credentials(preset(source.preset), changes["credentials"])
        source.credentials = {**source.credentials, **given}
    if changes.get("scheme"):
        chosen = preset(source.preset)
        told = _checked_scheme(chosen, changes["scheme"], changes.get("settings") or {})
        source.scheme, source.verification = told.pop("scheme"), told
    source.save()
    routes.renew(source)
    return source


@transaction.atomic
def switch(*, source: Source, is_active: bool) -> Source:
    """Let posts in, or answer them with "not now"."""
    source = _locked(source)
    source.state = SourceState.ACTIVE if is_active else SourceState.INACTIVE
    source.save(update_fields=["state", "updated_at"])
    routes.renew(source)
    return source


@transaction.atomic
def renew_secret(*, source: Source, secret: str = "") -> str:
    """Prove posts with another secret from now on; the address stays.

    Returns:
        The new secret if it was made here, to be shown once; empty if it was given.

    Raises:
        core.errors.Invalid: under `secret`.
    """
    source = _locked(source)
    if not verification.needs_secret(source.scheme):
        raise Invalid({"secret": FieldError("no_secret", _("This source needs no secret."))})
    kept = _secret(source, preset(source.preset), secret)
    source.has_secret = True
    source.save(update_fields=["has_secret", "updated_at"])
    routes.renew(source, secret=kept)
    return "" if secret.strip() else kept


@transaction.atomic
def delete_source(*, source: Source) -> None:
    """Close its address at once; what it posted stays until it is forgotten."""
    source = _locked(source)
    source.deleted_at = timezone.now()
    source.state = SourceState.INACTIVE
    source.credentials = {}
    source.save()
    routes.release(source)


def _locked(source: Source) -> Source:
    return Source.objects.select_for_update(of=("self",)).get(pk=source.pk, deleted_at=None)


def _name(text: str) -> str:
    name = " ".join(text.replace("\0", "").split())
    if not name:
        raise Invalid({"name": FieldError("required", _("Give the source a name."))})
    return name[:NAME_LENGTH]


def _tags(names: Iterable[str]) -> list[str]:
    kept = {" ".join(str(name).replace("\0", "").split())[:60]: None for name in names}
    return [name for name in kept if name][:MOST_TAGS]


def _credentials(chosen: Preset, given: Mapping[str, str]) -> dict[str, str]:
    wanted = {one.name for one in chosen.credentials}
    return {
        name: str(value).strip()[:SECRET_LENGTH]
        for name, value in given.items()
        if name in wanted and str(value).strip()
    }


def _checked_scheme(chosen: Preset, scheme: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """The scheme with its settings; the preset's own, where it leaves no choice."""
    if chosen.verification is not None:
        return dict(chosen.verification)
    scheme = scheme or Scheme.NONE
    if scheme not in SETTINGS:
        raise Invalid({"scheme": FieldError("unknown", _("Choose how the system proves itself."))})
    told = {
        name: str(settings.get(name, "")).strip()[:HEADER_LENGTH] or usual
        for name, usual in SETTINGS[scheme].items()
    }
    if scheme == Scheme.HMAC:
        _check_hmac(told)
    for name in ("header", "timestamp_header", "parameter"):
        if told.get(name) and not verification.is_name(told[name]):
            raise Invalid({name: FieldError("invalid", _("Letters, digits and hyphens only."))})
    return {"scheme": scheme, **told}


def _check_hmac(told: Mapping[str, str]) -> None:
    if told["algorithm"] not in verification.ALGORITHMS:
        raise Invalid({"algorithm": FieldError("unknown", _("Choose one of the list."))})
    if told["encoding"] not in verification.ENCODINGS:
        raise Invalid({"encoding": FieldError("unknown", _("Choose one of the list."))})
    if told["template"] and "{body}" not in told["template"]:
        why = _("Say where the body stands, such as {timestamp}.{body}.")
        raise Invalid({"template": FieldError("no_body", why)})
    if told["timestamp_header"] and "{timestamp}" not in told["template"]:
        why = _("A time must be signed too: say where it stands, such as {timestamp}.{body}.")
        raise Invalid({"template": FieldError("no_timestamp", why)})


def _secret(source: Source, chosen: Preset, given: str) -> str:
    """The secret to keep: the one that was given, or a new one where we are to make it."""
    given = given.strip()
    if not verification.needs_secret(source.scheme):
        return ""
    if given:
        if len(given) > SECRET_LENGTH or "\0" in given:
            raise Invalid({"secret": FieldError("invalid", _("This is too long for a secret."))})
        if source.scheme == Scheme.STANDARD and not verification.is_standard_secret(given):
            why = _("A secret of Standard Webhooks begins with whsec_, followed by base64.")
            raise Invalid({"secret": FieldError("invalid", why)})
        return given
    if chosen.verification is not None and not chosen.gives_secret:
        why = _("Copy it from the system's own page: without it nothing can be accepted.")
        raise Invalid({"secret": FieldError("required", why)})
    if source.scheme == Scheme.STANDARD:
        raw = secrets.token_bytes(SECRET_BYTES)
        return verification.WHSEC + base64.b64encode(raw).decode()
    return secrets.token_urlsafe(SECRET_BYTES)

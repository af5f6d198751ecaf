"""Connecting a number, looking after it, letting it go.

Nothing is asked of a provider inside a transaction: first the questions, then the rows.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections import registry
from connections.agenda import CHECK, CHECK_EVERY, TOKEN
from connections.enums import ConnectionState
from connections.events import ConnectionConnected, ConnectionReleased, ConnectionUpdated
from connections.models import Connection
from connections.providers.base import (
    TOKEN_EXPIRED,
    Credentials,
    FailureClass,
    NumberInfo,
    Provider,
    ProviderError,
    WrongCredentialError,
)
from connections.selectors import callback_url, credentials_of, explain, provider_of
from connections.services import routes, states
from core import agenda
from core.errors import Conflict, FieldError, Invalid, Unavailable
from events.bus import publish

log = structlog.get_logger(__name__)

NUMBER_ID, ACCOUNT_ID = "number_id", "account_id"
VERIFY_TOKEN = "verify_token"  # noqa: S105 -- the name of a value
REQUIRED = _("Fill this in.")


def connect(
    *, provider: str, values: Mapping[str, str], name: str = "", actor: str = "system"
) -> Connection:
    """Check the values with the provider, then make the number this company's.

    Args:
        provider: a slug of `connections.registry`.
        values: what `Provider.fields` names, and optionally `verify_token`.
        name: what people call it; the number's own name when empty.

    Raises:
        core.errors.Invalid: names the value that is missing or wrong, in everyday words.
        core.errors.Conflict: the number is in use, here or elsewhere.
        core.errors.Unavailable: the provider cannot be asked now.
    """
    speaker = registry.provider(provider)
    credentials = _credentials(speaker, values)
    info = _verified(speaker, credentials)
    if info.number_id:
        credentials = replace(credentials, number_id=info.number_id)
    connection = _store(speaker, credentials, info, name=name.strip(), actor=actor)
    receive_callbacks(connection)
    return connection


def update(connection: Connection, *, name: str | None = None, rate: int | None = None) -> None:
    """Change what is ours: the name and the messages per second (0: as the provider allows)."""
    fields: dict[str, Any] = {}
    if name is not None:
        fields["name"] = name.strip()[:80]
        if not fields["name"]:
            raise Invalid({"name": FieldError("required", REQUIRED)})
    if rate is not None:
        fields["rate_per_second"] = rate or None
    _write(connection, fields)


def renew_credentials(
    connection: Connection, *, values: Mapping[str, str], actor: str = "system"
) -> None:
    """Replace secrets; those left empty stay. What stopped the number for them ends.

    Raises:
        core.errors.Invalid: names the value that does not hold.
        core.errors.Unavailable: the provider cannot be asked now.
    """
    speaker = provider_of(connection)
    given = {key: value.strip() for key, value in values.items() if value and value.strip()}
    kept = {**connection.credentials, **_secrets_of(speaker, given)}
    credentials = Credentials(connection.external_id, connection.account_id, kept)
    info = _verified(speaker, credentials)
    with transaction.atomic():
        connection.credentials = kept
        connection.save(update_fields=["credentials"])
        routes.renew_secret(
            connection,
            secret=kept.get(speaker.signing_secret, ""),
            verify_token=kept[VERIFY_TOKEN],
        )
        _write(connection, _card(info))
        if connection.state == ConnectionState.STOPPED:
            states.resume(connection, actor=actor)
    connection.refresh_from_db()
    receive_callbacks(connection)


def check(connection: Connection) -> Connection:
    """Ask the provider how the number is doing and write it down.

    A refusal of our credentials stops the number; an answer ends such a stop, and no other: a
    ban or an unpaid bill shows on no card.

    Raises:
        core.errors.Unavailable: the provider cannot be asked now; nothing is changed.
    """
    try:
        info = provider_of(connection).check(credentials_of(connection))
    except ProviderError as error:
        if error.klass != FailureClass.AUTH:
            raise unavailable(connection.provider, error) from error
        states.stop(connection, error.code, error.detail)
        _write(connection, {"checked_at": timezone.now()})
    else:
        _write(connection, _card(info))
        if is_about_token(connection):
            states.resume(connection)
    connection.refresh_from_db()
    return connection


def is_about_token(connection: Connection) -> bool:
    """Whether it was stopped for its token's sake: then a token that works ends the stop."""
    codes = provider_of(connection).capabilities.token_codes | {TOKEN_EXPIRED}
    return connection.state == ConnectionState.STOPPED and connection.state_code in codes


def check_due(connection_id: UUID) -> None:
    """The agenda's look at a number; when the provider is away, the next one comes later."""
    connection = Connection.objects.filter(pk=connection_id, deleted_at=None).first()
    if connection is None:
        return
    try:
        check(connection)
    except Unavailable:
        _write(connection, {"checked_at": timezone.now()})
    with transaction.atomic():
        agenda.append(CHECK, str(connection_id), timezone.now() + CHECK_EVERY)


def receive_callbacks(connection: Connection) -> bool:
    """Have the provider send its callbacks to our address; remember whether it agreed.

    A provider that cannot reach our address (localhost) is no reason to refuse the number: the
    page says so, and people may enter the address by hand.
    """
    state = {"state": "ok", "detail": ""}
    try:
        provider_of(connection).subscribe(
            credentials_of(connection),
            callback_url=callback_url(connection),
            verify_token=connection.credentials[VERIFY_TOKEN],
        )
    except ProviderError as error:
        log.warning("connections.no_callbacks", connection=str(connection.pk), code=error.code)
        state = {"state": "failed", "detail": error.detail[:300]}
    remember(connection, callbacks=state)
    return state["state"] == "ok"


@transaction.atomic
def remember(connection: Connection, **values: Any) -> None:
    """Keep JSON values in `config` for the apps above (when its templates were read, …)."""
    row = Connection.objects.select_for_update().only("config").get(pk=connection.pk)
    connection.config = {**row.config, **values}
    Connection.objects.filter(pk=connection.pk).update(config=connection.config)


def release(connection: Connection, *, actor: str = "system") -> None:
    """Let the number go: nothing is sent any more, and another company may connect it.

    Its messages stay. The provider is told afterwards, as far as it still listens to us.
    """
    speaker, credentials = provider_of(connection), credentials_of(connection)
    with transaction.atomic():
        changed = Connection.objects.filter(pk=connection.pk, deleted_at=None).update(
            state=ConnectionState.RELEASED, deleted_at=timezone.now(), paused_until=None
        )
        if not changed:
            return
        routes.release(connection)
        connection.credentials = {}
        connection.save(update_fields=["credentials"])
        fact = ConnectionReleased(connection_id=connection.pk, name=connection.name)
        publish(fact, actor=actor)
    was_last = not Connection.objects.filter(
        provider=connection.provider, account_id=connection.account_id, deleted_at=None
    ).exists()
    try:
        speaker.unsubscribe(credentials, whole_account=was_last)
    except ProviderError as error:
        log.info("connections.not_unsubscribed", code=error.code)


def _credentials(speaker: Provider, values: Mapping[str, str]) -> Credentials:
    """The values in their places. Raises Invalid for each one that is missing."""
    given = {key: str(value or "").strip() for key, value in values.items()}
    missing = {
        field.name: FieldError("required", REQUIRED)
        for field in speaker.fields
        if field.required and not given.get(field.name)
    }
    if missing:
        raise Invalid(missing)
    kept = _secrets_of(speaker, given)
    kept.setdefault(VERIFY_TOKEN, secrets.token_urlsafe(24))
    return Credentials(given[NUMBER_ID], given[ACCOUNT_ID], kept)


def _secrets_of(speaker: Provider, given: Mapping[str, str]) -> dict[str, str]:
    names = {field.name for field in speaker.fields if field.secret} | {VERIFY_TOKEN}
    return {name: given[name] for name in names if given.get(name)}


def _verified(speaker: Provider, credentials: Credentials) -> NumberInfo:
    try:
        return speaker.verify_credentials(credentials)
    except WrongCredentialError as error:
        raise Invalid({error.field: FieldError(f"wrong_{error.field}", error.sentence)}) from error
    except ProviderError as error:
        raise unavailable(speaker.slug, error) from error


def unavailable(slug: str, error: ProviderError) -> Unavailable:
    """The error for a provider that cannot be asked now, with its reason."""
    message = _("The provider could not be asked: %(sentence)s Try again in a minute.")
    sentence = str(explain(slug, error.code).sentence)
    return Unavailable("provider_unavailable", message, params={"sentence": sentence})


@transaction.atomic
def _store(
    speaker: Provider, credentials: Credentials, info: NumberInfo, *, name: str, actor: str
) -> Connection:
    is_here = Connection.objects.filter(
        provider=speaker.slug, external_id=credentials.number_id, deleted_at=None
    )
    if is_here.exists():
        message = _("This number is already connected. Open it to change its credentials.")
        raise Conflict("already_connected", message, field=NUMBER_ID)
    connection = Connection(
        provider=speaker.slug,
        name=(name or info.verified_name or info.display_number)[:80],
        external_id=credentials.number_id,
        account_id=credentials.account_id,
        webhook_token=secrets.token_urlsafe(24),
        **_card(info),
    )
    connection.credentials = dict(credentials.secrets)
    routes.claim(
        connection,
        secret=credentials.secrets.get(speaker.signing_secret, ""),
        verify_token=credentials.secrets[VERIFY_TOKEN],
    )
    connection.save(force_insert=True)
    publish(
        ConnectionConnected(
            connection_id=connection.pk,
            provider=connection.provider,
            external_id=connection.external_id,
            name=connection.name,
        ),
        actor=actor,
    )
    agenda.append(CHECK, str(connection.pk), timezone.now() + CHECK_EVERY)
    agenda.append(TOKEN, str(connection.pk))
    return connection


def _card(info: NumberInfo) -> dict[str, Any]:
    return {
        "display_number": info.display_number[:32],
        "verified_name": info.verified_name[:120],
        "quality": info.quality,
        "tier": info.tier[:32],
        "token_expires_at": info.token_expires_at,
        "checked_at": timezone.now(),
    }


@transaction.atomic
def _write(connection: Connection, fields: Mapping[str, Any]) -> None:
    """Write what differs; a change that people care about is told."""
    changed = [key for key, value in fields.items() if getattr(connection, key) != value]
    if not changed:
        return
    for key in changed:
        setattr(connection, key, fields[key])
    connection.save(update_fields=changed)
    if "token_expires_at" in changed:
        agenda.append(TOKEN, str(connection.pk))
    told = [key for key in changed if key != "checked_at"]
    if told:
        publish(ConnectionUpdated(connection_id=connection.pk, changed=told))

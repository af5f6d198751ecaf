"""The number, its account and the token: are they right, and how are they doing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.providers.base import (
    Credentials,
    FailureClass,
    NumberInfo,
    ProviderError,
    WrongCredentialError,
)
from connections.providers.loose import mapping, text
from connections.providers.whatsapp_cloud import client
from connections.providers.whatsapp_cloud.codes import AUTH
from connections.providers.whatsapp_cloud.errors import NO_SUCH_OBJECT
from connections.providers.whatsapp_cloud.forms import (
    ACCOUNT_ID,
    APP_SECRET,
    NUMBER_ID,
    TOKEN,
    app_secret_of,
    token_of,
)

_CARD = (
    "id,display_phone_number,verified_name,quality_rating,"
    "whatsapp_business_manager_messaging_limit,throughput"
)
_PER_SECOND = {"STANDARD": 80, "HIGH": 1000}  # Meta, "Throughput"
_NEEDED = ("whatsapp_business_messaging", "whatsapp_business_management")
_QUALITIES = frozenset({"GREEN", "YELLOW", "RED"})


def check(credentials: Credentials) -> NumberInfo:
    """The number's card. Raises ProviderError."""
    return _info(_card(credentials), _token_facts(credentials))


def verify(credentials: Credentials) -> NumberInfo:
    """The number's card, after asking for each value on its own whether it holds.

    Raises:
        WrongCredentialError: names the value that does not.
        ProviderError: Graph could not be asked at all.
    """
    token = _verify_token(credentials)
    _verify_account(credentials)
    _verify_number(credentials)
    _verify_app_secret(credentials)
    return _info(_card(credentials), token)


def mark_read(credentials: Credentials, external_id: str, *, typing: bool) -> None:
    """Blue ticks up to this message of theirs, and optionally "typing" for some 25 seconds."""
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": external_id,
    }
    if typing:
        body["typing_indicator"] = {"type": "text"}
    client.post(credentials, f"{credentials.number_id}/messages", body)


def subscribe(credentials: Credentials, *, callback_url: str, verify_token: str) -> None:
    """Point the callbacks of the account and of this number at `callback_url`.

    The account's carry templates and reviews, the number's own override carries its messages even
    when a sibling number belongs to somebody else. Graph calls the address for a handshake at each.
    """
    override = {"override_callback_uri": callback_url, "verify_token": verify_token}
    client.post(credentials, f"{credentials.account_id}/subscribed_apps", override)
    client.post(credentials, credentials.number_id, {"webhook_configuration": override})


def unsubscribe(credentials: Credentials, *, whole_account: bool) -> None:
    """End the callbacks of this number, and those of the account when it was the last one here."""
    nowhere = {"override_callback_uri": "", "verify_token": ""}
    client.post(credentials, credentials.number_id, {"webhook_configuration": nowhere})
    if whole_account:
        client.delete(credentials, f"{credentials.account_id}/subscribed_apps")


def _card(credentials: Credentials) -> Mapping[str, Any]:
    return client.get(credentials, credentials.number_id, {"fields": _CARD})


def _info(card: Mapping[str, Any], token: Mapping[str, Any]) -> NumberInfo:
    quality = text(card, "quality_rating")
    expires = token.get("expires_at")
    return NumberInfo(
        display_number=text(card, "display_phone_number"),
        verified_name=text(card, "verified_name"),
        quality=quality if quality in _QUALITIES else "UNKNOWN",
        tier=text(card, "whatsapp_business_manager_messaging_limit"),
        rate_per_second=_PER_SECOND.get(text(mapping(card, "throughput"), "level")),
        token_expires_at=datetime.fromtimestamp(expires, UTC)
        if isinstance(expires, int) and expires > 0
        else None,
    )


def _token_facts(credentials: Credentials) -> Mapping[str, Any]:
    """What Graph knows of the token itself."""
    answer = client.get(credentials, "debug_token", {"input_token": token_of(credentials)})
    return mapping(answer, "data")


def _verify_token(credentials: Credentials) -> Mapping[str, Any]:
    token = token_of(credentials)
    if not (token.isascii() and token.isprintable()):  # a quotation mark came along, say
        refusal = ProviderError(FailureClass.AUTH, "190", "not a token")
        raise _wrong(TOKEN, _REFUSED_TOKEN, refusal)
    try:
        facts = _token_facts(credentials)
    except ProviderError as error:
        if error.klass != AUTH:
            raise
        raise _wrong(TOKEN, _REFUSED_TOKEN, error) from error
    if facts.get("is_valid") is not True:
        refusal = ProviderError(FailureClass.AUTH, "190", text(mapping(facts, "error"), "message"))
        raise _wrong(TOKEN, _REFUSED_TOKEN, refusal)
    scopes = facts.get("scopes")
    if isinstance(scopes, list) and scopes and not set(_NEEDED) <= set(map(str, scopes)):
        refusal = ProviderError(FailureClass.AUTH, "10", f"scopes: {', '.join(map(str, scopes))}")
        raise _wrong(TOKEN, _WEAK_TOKEN, refusal)
    return facts


def _verify_account(credentials: Credentials) -> None:
    try:
        client.get(credentials, credentials.account_id, {"fields": "id,name"})
    except ProviderError as error:
        raise _unless_away(error, ACCOUNT_ID, _NO_ACCOUNT) from error


def _verify_number(credentials: Credentials) -> None:
    """The number must be one of this account, not merely one that the token can see."""
    path = f"{credentials.account_id}/phone_numbers"
    try:
        numbers = [text(row, "id") for row in client.pages(credentials, path, {"fields": "id"})]
    except ProviderError as error:
        raise _unless_away(error, ACCOUNT_ID, _NOT_AN_ACCOUNT) from error
    if credentials.number_id not in numbers:
        refusal = ProviderError(FailureClass.AUTH, str(NO_SUCH_OBJECT), "not in the account")
        raise _wrong(NUMBER_ID, _NO_NUMBER, refusal)


def _verify_app_secret(credentials: Credentials) -> None:
    """Have Graph check a proof made with the secret (`appsecret_proof`).

    Source: Meta, "Secure Graph API calls": the HMAC-SHA256 of the token under the app secret; a
    wrong one is refused even where proofs are not required.
    """
    proof = hmac.new(
        app_secret_of(credentials).encode(), token_of(credentials).encode(), hashlib.sha256
    ).hexdigest()
    try:
        params = {"fields": "id", "appsecret_proof": proof}
        client.get(credentials, credentials.number_id, params)
    except ProviderError as error:
        raise _unless_away(error, APP_SECRET, _WRONG_SECRET) from error


def _unless_away(error: ProviderError, field: str, sentence: str | Promise) -> ProviderError:
    """A refusal speaks of the value just asked about; Graph being away or busy does not."""
    refused = error.klass in (FailureClass.AUTH, FailureClass.REJECTED)
    return _wrong(field, sentence, error) if refused else error


def _wrong(field: str, sentence: str | Promise, error: ProviderError) -> WrongCredentialError:
    return WrongCredentialError(field, sentence, error)


_REFUSED_TOKEN = _(
    "Meta does not accept this token: it has expired, was revoked or was not copied whole. Create "
    "a new one and paste it here."
)
_WEAK_TOKEN = _(
    "This token lacks a permission. Create it again with whatsapp_business_messaging and "
    "whatsapp_business_management ticked."
)
_NO_ACCOUNT = _(
    "This token cannot see an account with this ID. Check the ID, and that the system user has "
    "this WhatsApp account among its assets."
)
_NOT_AN_ACCOUNT = _("This is not the ID of a WhatsApp Business account. Copy it again.")
_NO_NUMBER = _(
    "The account has no number with this ID. Copy the phone number ID, not the phone number."
)
_WRONG_SECRET = _(
    "This is not the secret of the app that made the token. Copy it from App settings, Basic."
)

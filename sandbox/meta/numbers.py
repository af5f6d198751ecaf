"""Phone numbers, accounts, webhook subscriptions and tokens."""

from __future__ import annotations

import secrets
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.accounts import Account, Number
from sandbox.meta.access import account_of, number_of, token_of
from sandbox.meta.errors import GraphError, invalid
from sandbox.meta.messages import parse
from sandbox.state import SANDBOX
from sandbox.wire import reply

_DEFAULT_FIELDS = (
    "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,"
    "throughput,last_onboarded_time,webhook_configuration"
)
_SCOPES = ["whatsapp_business_management", "whatsapp_business_messaging"]
_HANDSHAKE_SECONDS = 10


async def index(request: web.Request) -> web.Response:
    """``GET /{waba}/phone_numbers``."""
    account = account_of(request)
    fields = request.query.get("fields") or _DEFAULT_FIELDS
    rows = [_shown(account, number, fields) for number in account.numbers.values()]
    cursors = {"before": "QVFIU", "after": "QVFIU"}
    return reply({"data": rows, "paging": {"cursors": cursors}})


async def detail(request: web.Request) -> web.Response:
    """``GET /{phone_number_id}?fields=``."""
    account, number = number_of(request)
    return reply(_shown(account, number, request.query.get("fields") or _DEFAULT_FIELDS))


async def change(request: web.Request) -> web.Response:
    """``POST /{phone_number_id}``: set or clear the number's own webhook address."""
    _, number = number_of(request)
    wanted = parse(await request.read()).get("webhook_configuration")
    if not isinstance(wanted, dict):
        raise invalid("The parameter webhook_configuration is required.")
    url, verify = str(wanted.get("override_callback_uri", "")), str(wanted.get("verify_token", ""))
    if url:
        await shake_hands(url, verify)
    number.callback_url, number.verify_token = url, verify
    request.app[SANDBOX].accounts.save()
    return reply({"success": True})


async def registration(request: web.Request) -> web.Response:
    """``POST /{phone_number_id}/register`` and ``/deregister``."""
    _, number = number_of(request)
    registered = request.path.rstrip("/").endswith("/register")
    number.status = "CONNECTED" if registered else "DISCONNECTED"
    request.app[SANDBOX].accounts.save()
    return reply({"success": True})


async def account(request: web.Request) -> web.Response:
    """``GET /{waba}?fields=``."""
    one = account_of(request)
    known = {
        "id": one.waba_id,
        "name": one.name,
        "currency": "BRL",
        "timezone_id": "25",
        "message_template_namespace": f"ns_{one.waba_id}",
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "country": "BR",
        "ownership_type": "SELF",
    }
    wanted = request.query.get("fields", "id,name,timezone_id,message_template_namespace")
    return reply({"id": one.waba_id, **_pick(known, wanted)})


async def subscribe(request: web.Request) -> web.Response:
    """``POST /{waba}/subscribed_apps``: to the app's own address, or to an override."""
    one = account_of(request)
    raw = await request.read()
    body = parse(raw) if raw.strip().startswith(b"{") else dict(await request.post())
    url = str(body.get("override_callback_uri") or "")
    if url:
        verify = str(body.get("verify_token") or "")
        await shake_hands(url, verify)
        one.callback_url, one.verify_token = url, verify
    one.subscribed = True
    request.app[SANDBOX].accounts.save()
    return reply({"success": True})


async def subscriptions(request: web.Request) -> web.Response:
    """``GET /{waba}/subscribed_apps``."""
    one = account_of(request)
    if not one.subscribed:
        return reply({"data": []})
    app = {"id": one.app_id, "name": "Sandbox", "link": "https://www.facebook.com/games/?app_id=1"}
    row: dict[str, Any] = {"whatsapp_business_api_data": app}
    if one.callback_url:
        row["override_callback_uri"] = one.callback_url
    return reply({"data": [row]})


async def unsubscribe(request: web.Request) -> web.Response:
    """``DELETE /{waba}/subscribed_apps``: no more webhooks for this account."""
    one = account_of(request)
    one.subscribed = False
    request.app[SANDBOX].accounts.save()
    return reply({"success": True})


async def debug_token(request: web.Request) -> web.Response:
    """``GET /debug_token?input_token=``: what the token may do and until when."""
    token_of(request)
    sandbox = request.app[SANDBOX]
    asked = request.query.get("input_token", "")
    expiry = sandbox.accounts.expiry(asked)
    owners = sandbox.accounts.by_token(asked)
    data: dict[str, Any] = {
        "is_valid": expiry is not None and not 0 < expiry <= sandbox.clock.now(),
        "scopes": _SCOPES if owners else [],
    }
    if owners:
        data |= {
            "app_id": owners[0].app_id,
            "type": "SYSTEM_USER",
            "application": "Sandbox",
            "data_access_expires_at": 0,
            "expires_at": int(expiry or 0),
            "issued_at": 1_767_225_600,
            "user_id": "122100000000000000",
            "granular_scopes": [
                {"scope": scope, "target_ids": [one.waba_id for one in owners]} for scope in _SCOPES
            ],
        }
    if not data["is_valid"]:
        data["error"] = {"code": 190, "message": "Error validating access token"}
    return reply({"data": data})


async def shake_hands(url: str, verify_token: str) -> None:
    """Meta's verification GET: the address must echo our challenge. Raises GraphError 2200."""
    challenge = str(secrets.randbelow(10**9))
    query = {
        "hub.mode": "subscribe",
        "hub.challenge": challenge,
        "hub.verify_token": verify_token,
    }
    timeout = aiohttp.ClientTimeout(total=_HANDSHAKE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.get(url, params=query, allow_redirects=False) as response,
        ):
            status, echoed = response.status, (await response.text())[:200].strip()
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        raise GraphError(2200, message=f"(#2200) Callback verification failed: {error}") from error
    if status != 200 or echoed != challenge:
        raise GraphError(
            2200,
            message="(#2200) Callback verification failed with the following errors: HTTP Status "
            f"Code = {status}; the challenge was {'' if echoed == challenge else 'not '}echoed",
        )


def _shown(account: Account, number: Number, fields: str) -> dict[str, Any]:
    hooks = {"application": account.callback_url}
    if number.callback_url:
        hooks["phone_number"] = number.callback_url
    known = {
        "display_phone_number": number.display_phone_number,
        "verified_name": number.verified_name,
        "quality_rating": number.quality_rating,
        "messaging_limit_tier": number.messaging_limit_tier,
        "whatsapp_business_manager_messaging_limit": number.messaging_limit_tier,
        "throughput": {"level": number.throughput},
        "name_status": number.name_status,
        "new_name_status": "NONE",
        "code_verification_status": number.code_verification_status,
        "status": number.status,
        "platform_type": "CLOUD_API",
        "account_mode": "LIVE",
        "is_official_business_account": False,
        "is_pin_enabled": True,
        "host_platform": "CLOUD_API",
        "last_onboarded_time": "2026-01-15T12:00:00+0000",
        "webhook_configuration": hooks,
        "health_status": {
            "can_send_message": "AVAILABLE",
            "entities": [
                {"entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": "AVAILABLE"}
            ],
        },
    }
    return {**_pick(known, fields), "id": number.id}


def _pick(known: dict[str, Any], fields: str) -> dict[str, Any]:
    names = (field.partition("{")[0].strip() for field in fields.split(","))
    return {name: known[name] for name in names if name in known}

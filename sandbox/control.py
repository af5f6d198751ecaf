"""``/_sandbox/…``: what tests and people steer the stand-ins with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aiohttp import web

from sandbox.accounts import AccountError
from sandbox.faults import FaultError
from sandbox.inbound import InboundError
from sandbox.meta import inbound as meta_inbound
from sandbox.meta.templates import set_extra
from sandbox.settings import SettingError, Settings
from sandbox.state import SANDBOX, Sandbox
from sandbox.twilio import inbound as twilio_inbound
from sandbox.wire import bad_request, json_object, reply

_ALIASES = {"graph": "meta", "whatsapp": "meta", "whatsapp_cloud": "meta", "sms": "twilio"}
_PROVIDERS = frozenset({"meta", "twilio"})
_STRUCK = _PROVIDERS | {"kommo", "grapfy"}  # by faults
_WRITERS = {"meta": meta_inbound.write, "twilio": twilio_inbound.write}
_WIPED = ("ledger", "faults", "chats", "mail")


async def ledger(request: web.Request) -> web.Response:
    """``GET /_sandbox/ledger?since=&recipient=&connection=&limit=``."""
    query = request.query
    try:
        body = request.app[SANDBOX].ledger.answer(
            since=query.get("since", ""),
            recipient=query.get("recipient", ""),
            connection=query.get("connection", ""),
            limit=int(query.get("limit", 0)),
        )
    except ValueError as error:
        raise bad_request(str(error)) from error
    return web.Response(body=body, content_type="application/json")


async def inbound(request: web.Request) -> web.Response:
    """``POST /_sandbox/inbound``: a customer writes."""
    data = await json_object(request)
    write = _WRITERS[provider_of(data)]
    try:
        return reply(await write(request.app[SANDBOX], data))
    except InboundError as error:
        raise bad_request(str(error)) from error


async def show_faults(request: web.Request) -> web.Response:
    """``GET /_sandbox/faults``: what is armed and how often it fired."""
    return reply({"faults": request.app[SANDBOX].faults.public()})


async def arm_faults(request: web.Request) -> web.Response:
    """``POST /_sandbox/faults`` ``{"provider", "rules": […]}``: adds to those armed."""
    data, sandbox = await json_object(request), request.app[SANDBOX]
    try:
        sandbox.faults.arm(
            provider_of(data, _STRUCK), data.get("rules") or [], seed=sandbox.settings.seed
        )
    except (FaultError, TypeError) as error:
        raise bad_request(str(error)) from error
    return reply({"faults": sandbox.faults.public()})


async def clear_faults(request: web.Request) -> web.Response:
    """``DELETE /_sandbox/faults?provider=``."""
    provider = request.query.get("provider", "")
    request.app[SANDBOX].faults.clear(_ALIASES.get(provider, provider))
    return web.Response(status=204)


async def show_settings(request: web.Request) -> web.Response:
    """``GET /_sandbox/settings``."""
    return reply(request.app[SANDBOX].settings.public())


async def change_settings(request: web.Request) -> web.Response:
    """``POST /_sandbox/settings``: a partial change."""
    data, sandbox = await json_object(request), request.app[SANDBOX]
    data.pop("provider", None)
    try:
        sandbox.settings.change(data)
    except (SettingError, ValueError) as error:
        raise bad_request(str(error)) from error
    if "extra_templates" in data:
        set_extra(sandbox)
    if "seed" in data:
        sandbox.random.seed(sandbox.settings.seed)
    return reply(sandbox.settings.public())


async def show_accounts(request: web.Request) -> web.Response:
    """``GET /_sandbox/accounts?provider=``."""
    accounts = _accounts(request.app[SANDBOX], provider_of(request.query))
    return reply({"results": [account.public() for account in accounts]})


async def put_account(request: web.Request) -> web.Response:
    """``POST /_sandbox/accounts``: create or change an account, its numbers and tokens."""
    data = await json_object(request)
    try:
        account = _accounts(request.app[SANDBOX], provider_of(data)).upsert(data)
    except (AccountError, TypeError, ValueError) as error:
        raise bad_request(str(error)) from error
    return reply(account.public(), 201)


async def demo(request: web.Request) -> web.Response:
    """``GET /_sandbox/demo?channel=``: for each number what a form to connect it asks for."""
    sandbox = request.app[SANDBOX]
    given = _sms_values if request.query.get("channel") == "sms" else _whatsapp_values
    return reply({"results": list(given(sandbox))})


def _whatsapp_values(sandbox: Sandbox) -> Iterator[dict[str, str]]:
    for account in sandbox.accounts:
        for number in account.numbers.values():
            yield {
                "name": number.verified_name,
                "number_id": number.id,
                "account_id": account.waba_id,
                "token": next(iter(account.tokens), ""),
                "app_secret": account.app_secret,
            }


def _sms_values(sandbox: Sandbox) -> Iterator[dict[str, str]]:
    for account in sandbox.twilio.accounts:
        for number in account.numbers.values():
            yield {
                "name": f"{account.friendly_name} SMS",
                "number_id": number.number,
                "account_id": account.account_sid,
                "auth_token": account.auth_token,
            }


async def webhooks(request: web.Request) -> web.Response:
    """``GET /_sandbox/webhooks``: how many went out, were refused, are still waiting."""
    sandbox = request.app[SANDBOX]
    outboxes = (sandbox.outbox, sandbox.twilio.outbox)
    counted = sum((Counter(one.counters) for one in outboxes), Counter())
    names = sandbox.outbox.counters
    answer = {name: counted[name] for name in names}
    return reply({**answer, "pending": sum(one.pending() for one in outboxes)})


async def mail(request: web.Request) -> web.Response:
    """``GET /_sandbox/mail?to=``."""
    return reply({"results": request.app[SANDBOX].mailbox.to(request.query.get("to", ""))})


async def clear_mail(request: web.Request) -> web.Response:
    """``DELETE /_sandbox/mail``."""
    request.app[SANDBOX].mailbox.wipe()
    request.app[SANDBOX].hub.tell("mail")
    return web.Response(status=204)


async def reset(request: web.Request) -> web.Response:
    """``POST /_sandbox/reset`` ``{"what": […]}``; without it ledger, faults, chats and mail.

    Also knows ``settings``, ``accounts`` (with templates), ``media`` and ``webhooks`` (what is
    waiting to go out).
    """
    data, sandbox = await json_object(request), request.app[SANDBOX]
    wipes = _wipes(sandbox)
    wanted = data.get("what") or [*_WIPED, "webhooks"]
    if not set(wanted) <= set(wipes):
        raise bad_request(f"what: any of {', '.join(wipes)}")
    for name in wanted:
        for wipe in wipes[name]:
            wipe()
    sandbox.limits.reset()
    return reply({"wiped": wanted})


def _accounts(sandbox: Sandbox, provider: str) -> Any:
    return sandbox.twilio.accounts if provider == "twilio" else sandbox.accounts


def provider_of(data: Mapping[str, Any], among: frozenset[str] = _PROVIDERS) -> str:
    """The provider a request is about, Meta unless it says otherwise."""
    name = str(data.get("provider") or "meta").lower()
    name = _ALIASES.get(name, name)
    if name not in among:
        raise bad_request(f"provider: one of {', '.join(sorted(among))} is expected")
    return name


def _wipes(sandbox: Sandbox) -> dict[str, tuple[Callable[[], Any], ...]]:
    twilio = sandbox.twilio
    return {
        "ledger": (sandbox.ledger.wipe,),
        "faults": (sandbox.faults.clear,),
        "chats": (sandbox.chats.wipe, twilio.wipe),
        "mail": (sandbox.mailbox.wipe,),
        "webhooks": (sandbox.outbox.forget, twilio.outbox.forget),
        "settings": (lambda: sandbox.settings.change(Settings().public()),),
        "accounts": (
            sandbox.accounts.restore_seed,
            twilio.accounts.restore_seed,
            sandbox.kommo.restore_seed,
            sandbox.grapfy.restore_seed,
        ),
        "media": (sandbox.media.wipe,),
    }


def add_routes(app: web.Application) -> None:
    """Attach the controls."""
    router = app.router
    router.add_get("/_sandbox/ledger", ledger)
    router.add_post("/_sandbox/inbound", inbound)
    router.add_get("/_sandbox/faults", show_faults)
    router.add_post("/_sandbox/faults", arm_faults)
    router.add_delete("/_sandbox/faults", clear_faults)
    router.add_get("/_sandbox/settings", show_settings)
    router.add_post("/_sandbox/settings", change_settings)
    router.add_get("/_sandbox/accounts", show_accounts)
    router.add_post("/_sandbox/accounts", put_account)
    router.add_get("/_sandbox/demo", demo)
    router.add_get("/_sandbox/webhooks", webhooks)
    router.add_get("/_sandbox/mail", mail)
    router.add_delete("/_sandbox/mail", clear_mail)
    router.add_post("/_sandbox/reset", reset)

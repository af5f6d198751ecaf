"""``/{waba}/message_templates`` and ``/{template}``: list, create, edit, delete, review."""

from __future__ import annotations

import asyncio
import base64
import secrets
from typing import Any

import orjson
from aiohttp import web

from sandbox.accounts import Account, Template
from sandbox.meta import template_checks
from sandbox.meta.access import account_of, template_of
from sandbox.meta.errors import GraphError, invalid
from sandbox.meta.events import Change
from sandbox.meta.seed import extra_template, is_extra
from sandbox.state import SANDBOX, Sandbox
from sandbox.wire import reply

_EDITABLE = ("APPROVED", "REJECTED", "PAUSED")
_FILTERS = ("name", "status", "language", "category")
_DEFAULT_PAGE = 25
_LONGEST_PAGE = 1000
_MOST_TEMPLATES = 6000  # Meta's limit for verified businesses


async def index(request: web.Request) -> web.Response:
    """One page of the account's templates, with Graph's cursors."""
    account, query = account_of(request), request.query
    rows = list(account.templates.values())
    for name in _FILTERS:
        if wanted := query.get(name):
            rows = [row for row in rows if _matches(name, row[name], wanted)]
    limit = min(int(query.get("limit", _DEFAULT_PAGE)), _LONGEST_PAGE)
    start = _position(query.get("after", ""))
    page = rows[start : start + limit]
    answer: dict[str, Any] = {"data": [_shown(row, query.get("fields", "")) for row in page]}
    if page:
        end = start + len(page)
        answer["paging"] = {"cursors": {"before": _cursor(start), "after": _cursor(end)}}
        if end < len(rows):
            following = request.url.update_query(after=_cursor(end))
            answer["paging"]["next"] = str(following)
    if "summary" in query:
        answer["summary"] = _summary(account, rows)
    return reply(answer)


async def create(request: web.Request) -> web.Response:
    """Take a new template into review: PENDING now, APPROVED after the configured delay."""
    sandbox, account = request.app[SANDBOX], account_of(request)
    data = await _body(request)
    template_checks.check(data)
    if any(
        row["name"] == data["name"] and row["language"] == data["language"]
        for row in account.templates.values()
    ):
        raise GraphError(
            100,
            message="Invalid parameter",
            subcode=2388024,
            user=(
                "Content in this language already exists",
                f"There is already {data['language']} content for this template.",
            ),
        )
    template = {
        "id": str(secrets.randbelow(9 * 10**14) + 10**15),
        "name": data["name"],
        "language": data["language"],
        "status": "PENDING",
        "category": data["category"],
        "parameter_format": str(data.get("parameter_format", "POSITIONAL")).upper(),
        "components": data["components"],
        "quality_score": {"score": "UNKNOWN", "date": int(sandbox.clock.now())},
        "rejected_reason": "NONE",
    }
    account.templates[template["id"]] = template
    await _record(request, account, "template_create", template)
    _review(sandbox, account, template)
    return reply({key: template[key] for key in ("id", "status", "category")})


async def detail(request: web.Request) -> web.Response:
    """One template."""
    _, template = template_of(request)
    return reply(_shown(template, request.query.get("fields", "")))


async def edit(request: web.Request) -> web.Response:
    """Replace components or category; the template goes into review again."""
    sandbox = request.app[SANDBOX]
    account, template = template_of(request)
    data = await _body(request)
    if template["status"] not in _EDITABLE:
        raise GraphError(
            100,
            message="Invalid parameter",
            subcode=2388025,
            user=("Cannot edit", "Only approved, rejected or paused templates can be edited."),
        )
    fresh: Template = dict(template)
    fresh.update((key, data[key]) for key in ("components", "category") if key in data)
    template_checks.check(fresh)
    template.update(fresh, status="PENDING")
    await _record(request, account, "template_edit", template)
    _review(sandbox, account, template)
    return reply({"success": True})


async def delete(request: web.Request) -> web.Response:
    """Delete by ``name`` (every language), or one by ``hsm_id`` together with its name."""
    account, query = account_of(request), request.query
    name, one = query.get("name", ""), query.get("hsm_id", "")
    doomed = [
        row
        for row in account.templates.values()
        if row["name"] == name and (not one or row["id"] == one)
    ]
    if not doomed:
        raise GraphError(
            100,
            message="Invalid parameter",
            subcode=2593002,
            user=("Message template not found", f"There is no template {name or one}."),
        )
    for row in doomed:
        del account.templates[row["id"]]
        await _record(request, account, "template_delete", row)
    return reply({"success": True})


def _summary(account: Account, rows: list[Template]) -> dict[str, Any]:
    return {
        "total_count": len(rows),
        "message_template_count": len(account.templates),
        "message_template_limit": _MOST_TEMPLATES,
        "are_translations_complete": True,
    }


def set_extra(sandbox: Sandbox) -> None:
    """Give every account as many additional templates as the settings ask for."""
    wanted = [extra_template(index) for index in range(1, sandbox.settings.extra_templates + 1)]
    for account in sandbox.accounts:
        kept = {key: row for key, row in account.templates.items() if not is_extra(row)}
        account.templates = {**kept, **{row["id"]: row for row in wanted}}
    sandbox.accounts.save()


def _review(sandbox: Sandbox, account: Account, template: Template) -> None:
    """Approve after the delay, if the template is still waiting then."""

    def approve() -> None:
        if sandbox.closing.is_set() or template["status"] != "PENDING":
            return
        template["status"] = "APPROVED"
        sandbox.accounts.save()
        value = {
            "event": "APPROVED",
            "message_template_id": int(template["id"]),
            "message_template_name": template["name"],
            "message_template_language": template["language"],
            "message_template_category": template["category"],
            "reason": "NONE",
        }
        change = Change(account, value=value, field="message_template_status_update")
        sandbox.outbox.schedule(0, account.callback_for(""), change)

    asyncio.get_running_loop().call_later(sandbox.settings.template_approval_delay, approve)


async def _record(request: web.Request, account: Account, kind: str, template: Template) -> None:
    """Save the account and put the change into the ledger."""
    sandbox = request.app[SANDBOX]
    sandbox.accounts.save()
    sandbox.ledger.append(
        provider="meta",
        connection=account.waba_id,
        recipient="",
        kind=kind,
        body=await request.read(),
        template=template["name"],
    )


async def _body(request: web.Request) -> dict[str, Any]:
    """JSON or form fields (``components`` then as a JSON string), as Graph takes both."""
    if request.content_type != "application/json":
        form = {key: str(value) for key, value in (await request.post()).items()}
        try:
            return {**form, "components": orjson.loads(form.get("components", "[]"))}
        except orjson.JSONDecodeError as error:
            raise invalid("Param components must be an array.") from error
    try:
        data = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise invalid("Invalid JSON in the request") from error
    if not isinstance(data, dict):
        raise invalid("Invalid JSON in the request")
    return data


def _matches(name: str, value: str, wanted: str) -> bool:
    if name == "name":
        return wanted in value
    return value.upper() in wanted.upper().replace("[", "").replace("]", "").split(",")


def _shown(template: Template, fields: str) -> dict[str, Any]:
    if not fields:
        return template
    names = {field.partition("{")[0].strip() for field in fields.split(",")} | {"id"}
    return {key: value for key, value in template.items() if key in names}


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode()


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor).removeprefix(b"at:"))
    except ValueError as error:
        raise invalid("Invalid cursor") from error

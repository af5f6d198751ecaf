"""Contacts, leads and notes as `/api/v4/` takes and shows them.

Source: developers.kommo.com, "Contacts", "Leads", "Notes", "Custom fields".
"""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from sandbox.kommo.access import account_of
from sandbox.kommo.accounts import KommoAccount, Row
from sandbox.kommo.errors import KommoError
from sandbox.phones import digits
from sandbox.state import SANDBOX
from sandbox.wire import reply

_LARGEST_PAGE = 250
_NOTES = frozenset({"common", "service_message", "extended_service_message"})


async def account(request: web.Request) -> web.Response:
    """``GET /account``."""
    found = account_of(request)
    return reply({"id": found.id, "name": found.name, "subdomain": found.subdomain})


async def custom_fields(request: web.Request) -> web.Response:
    """``GET /contacts/custom_fields``."""
    return _page(request, "custom_fields", account_of(request).fields)


async def list_contacts(request: web.Request) -> web.Response:
    """``GET /contacts?query=&filter[updated_at][from]=&order[updated_at]=&page=&limit=``."""
    found, query = account_of(request), request.query
    rows = list(found.contacts.values())
    if since := query.get("filter[updated_at][from]"):
        rows = [row for row in rows if row["updated_at"] >= int(since)]
    if text := query.get("query"):
        rows = [row for row in rows if _says(row, text)]
    if "order[updated_at]" in query:
        rows.sort(key=lambda row: (row["updated_at"], row["id"]))
    return _page(request, "contacts", [_with_leads(found, row) for row in rows])


async def show_contact(request: web.Request) -> web.Response:
    """``GET /contacts/{id}``."""
    found = account_of(request)
    return reply(_with_leads(found, _of(found.contacts, request)))


async def create_contacts(request: web.Request) -> web.Response:
    """``POST /contacts`` with an array."""
    found, now = account_of(request), int(request.app[SANDBOX].clock.now())
    made = []
    for data in await _array(request):
        row = {
            "id": found.next_id(),
            "name": data.get("name", ""),
            "created_at": now,
            "updated_at": now,
            "custom_fields_values": None,
            "_embedded": {"tags": []},
        }
        _change(found, row, data, now)
        found.contacts[row["id"]] = row
        made.append({"id": row["id"], "request_id": str(data.get("request_id", ""))})
        await _note_down(request, found, "contact_create", row)
    return reply({"_embedded": {"contacts": made}})


async def change_contact(request: web.Request) -> web.Response:
    """``PATCH /contacts/{id}``."""
    found = account_of(request)
    row = _of(found.contacts, request)
    data = orjson.loads(await request.read())
    _change(found, row, data, int(request.app[SANDBOX].clock.now()))
    await _note_down(request, found, "contact_update", row)
    return reply({"id": row["id"], "name": row["name"], "updated_at": row["updated_at"]})


async def create_leads(request: web.Request) -> web.Response:
    """``POST /leads`` with an array; each names its contacts in ``_embedded``."""
    found, now = account_of(request), int(request.app[SANDBOX].clock.now())
    made = []
    for data in await _array(request):
        linked = [int(one["id"]) for one in (data.get("_embedded") or {}).get("contacts", ())]
        if any(pk not in found.contacts for pk in linked):
            raise KommoError(400, "Contact not found")
        row = {
            "id": found.next_id(), "name": data.get("name", ""), "is_deleted": False,
            "closed_at": None, "updated_at": now, "contacts": linked,
        }  # fmt: skip
        found.leads[row["id"]] = row
        made.append({"id": row["id"]})
        await _note_down(request, found, "lead_create", row)
    return reply({"_embedded": {"leads": made}})


async def show_lead(request: web.Request) -> web.Response:
    """``GET /leads/{id}``."""
    found = account_of(request)
    return reply(_of(found.leads, request))


async def create_notes(request: web.Request) -> web.Response:
    """``POST /leads/{id}/notes`` with an array."""
    found, now = account_of(request), int(request.app[SANDBOX].clock.now())
    lead, made = _of(found.leads, request), []
    for data in await _array(request):
        if data.get("note_type") not in _NOTES or not (data.get("params") or {}).get("text"):
            raise KommoError(400, "note_type or params are not valid")
        row = {
            "id": found.next_id(), "entity_id": lead["id"], "note_type": data["note_type"],
            "params": data["params"], "created_at": now, "updated_at": now,
        }  # fmt: skip
        found.notes.append(row)
        made.append({"id": row["id"], "entity_id": lead["id"]})
        await _note_down(request, found, "note", row)
    return reply({"_embedded": {"notes": made}})


async def list_notes(request: web.Request) -> web.Response:
    """``GET /leads/{id}/notes?order[updated_at]=desc&limit=``, newest first."""
    found = account_of(request)
    lead = _of(found.leads, request)
    rows = [note for note in reversed(found.notes) if note["entity_id"] == lead["id"]]
    return _page(request, "notes", rows)


def put_contact(account: KommoAccount, data: Row, now: int) -> Row:
    """A contact as a test wants it: ``name``, ``phone``, ``email``, ``tags``, ``updated_at``."""
    row: Row = {
        "id": int(data.get("id") or account.next_id()),
        "name": data.get("name", ""),
        "created_at": now,
        "updated_at": int(data.get("updated_at") or now),
        "custom_fields_values": _values(data) or None,
        "_embedded": {
            "tags": [{"id": account.next_id(), "name": name} for name in data.get("tags", ())]
        },
    }
    account.contacts[row["id"]] = row
    return row


def _values(data: Row) -> list[Row]:
    return [
        {"field_id": pk, "field_code": code, "values": [{"value": data[name], "enum_code": "WORK"}]}
        for pk, code, name in ((1001, "PHONE", "phone"), (1002, "EMAIL", "email"))
        if data.get(name)
    ] + list(data.get("custom_fields_values", ()))


def _change(account: KommoAccount, row: Row, data: Row, now: int) -> None:
    if "name" in data:
        row["name"] = data["name"]
    values = {_field_id(account, one): one for one in row["custom_fields_values"] or ()}
    for one in data.get("custom_fields_values") or ():
        pk = _field_id(account, one)
        values[pk] = {**one, "field_id": pk}
    row["custom_fields_values"] = list(values.values()) or None
    tags = {tag["name"]: tag for tag in row["_embedded"]["tags"]}
    for tag in data.get("tags_to_add") or ():
        tags.setdefault(tag["name"], {"id": account.next_id(), "name": tag["name"]})
    for tag in data.get("tags_to_delete") or ():
        tags.pop(tag["name"], None)
    row["_embedded"]["tags"] = list(tags.values())
    row["updated_at"] = max(now, row["updated_at"])


def _field_id(account: KommoAccount, value: Row) -> int:
    for one in account.fields:
        if value.get("field_id") == one["id"] or (
            value.get("field_code") and value["field_code"] == one["code"]
        ):
            return int(one["id"])
    raise KommoError(400, "custom_fields_values: NotSupportedChoice")


def _says(row: Row, text: str) -> bool:
    """Whether a value has it; phones are compared by their digits."""
    values = [
        str(value["value"])
        for one in row["custom_fields_values"] or ()
        for value in one.get("values", ())
    ]
    wanted = digits(text)
    return any(
        text.lower() in value.lower() or (len(wanted) >= 8 and wanted in digits(value))
        for value in [row["name"], *values]
    )


def _with_leads(account: KommoAccount, row: Row) -> Row:
    leads = [{"id": lead["id"]} for lead in account.leads.values() if row["id"] in lead["contacts"]]
    return {**row, "_embedded": {**row["_embedded"], "leads": leads}}


def _of(rows: dict[int, Row], request: web.Request) -> Row:
    row = rows.get(int(request.match_info["id"]))
    if row is None:
        raise KommoError(404, "Not found")
    return row


def _page(request: web.Request, name: str, rows: list[Row]) -> web.Response:
    """One page in the shape of HAL; 204 where there is none."""
    page = max(1, int(request.query.get("page", 1)))
    limit = min(_LARGEST_PAGE, int(request.query.get("limit", 50)))
    here = rows[(page - 1) * limit : page * limit]
    if not here:
        return web.Response(status=204)
    links: dict[str, Any] = {"self": {"href": str(request.url)}}
    if len(rows) > page * limit:
        links["next"] = {"href": str(request.url.update_query(page=page + 1))}
    return reply({"_page": page, "_links": links, "_embedded": {name: here}})


async def _array(request: web.Request) -> list[Row]:
    try:
        data = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise KommoError(400, "Request validation failed") from error
    if not isinstance(data, list) or not data:
        raise KommoError(400, "Request validation failed")
    return data


async def _note_down(request: web.Request, account: KommoAccount, kind: str, row: Row) -> None:
    request.app[SANDBOX].ledger.append(
        provider="kommo", connection=account.subdomain, recipient="", kind=kind,
        body=await request.read(), key=str(row["id"]),
    )  # fmt: skip

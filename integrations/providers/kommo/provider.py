"""Kommo: contacts and leads of a sales team."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.providers.base import (
    Access,
    Account,
    Capabilities,
    Card,
    Checkpoint,
    CredentialField,
    Grant,
    Page,
    Refused,
    RemoteContact,
    RemoteField,
    Revoked,
    Unreachable,
)
from integrations.providers.kommo import shapes
from integrations.providers.kommo.client import call, subdomain_of, token

PAGE = 250
MOST_FOUND = 10
NOTES_LOOKED_AT = 50
SERVICE = "Master IA"


class Kommo:
    """The port's side of Kommo."""

    slug = "kommo"
    label = "Kommo"
    icon = "handshake"
    description = _("Your contacts, tags and notes in Kommo, and its contacts here.")
    capabilities = Capabilities(oauth=True, pushes=True, tags=True, syncs=True)
    fields = (
        CredentialField(
            "subdomain",
            _("Account"),
            _("The first part of your address: minhaloja in minhaloja.kommo.com."),
            secret=False,
        ),
        CredentialField(
            "token",
            _("Long-lived token"),
            _("Of a private integration: Settings, Integrations, Keys and scopes in Kommo."),
        ),
    )

    @property
    def rate_per_second(self) -> float:
        return float(settings.KOMMO_RATE_PER_SECOND)

    # -- connecting

    def offers_oauth(self) -> bool:
        return bool(settings.KOMMO_CLIENT_ID and settings.KOMMO_CLIENT_SECRET)

    def authorize_url(self, *, state: str, redirect_uri: str) -> str:
        asked = {
            "client_id": settings.KOMMO_CLIENT_ID,
            "state": state,
            "redirect_uri": redirect_uri,
            "mode": "popup",
        }
        return f"{settings.KOMMO_OAUTH_URL}?{urlencode(asked)}"

    def exchange(self, params: Mapping[str, str], *, redirect_uri: str) -> Grant:
        if not params.get("code"):
            raise Refused("access_denied", params.get("error", ""))
        # Our secret goes to this address, so it is one of Kommo's or none.
        referer = params.get("referer", "")
        subdomain = subdomain_of(referer) if "." in referer else ""
        if not subdomain:
            raise Refused("bad_account", referer)
        code = {"grant_type": "authorization_code", "code": params["code"]}
        return _granted({"subdomain": subdomain}, {**code, "redirect_uri": redirect_uri})

    def refresh(
        self, config: Mapping[str, Any], secrets: Mapping[str, str], *, redirect_uri: str
    ) -> Grant:
        if not secrets.get("refresh_token"):
            raise Revoked("token_ended")  # a long-lived one has no successor
        last = {"grant_type": "refresh_token", "refresh_token": secrets["refresh_token"]}
        return _granted(config, {**last, "redirect_uri": redirect_uri})

    def grant_of(self, values: Mapping[str, str]) -> Grant:
        subdomain = subdomain_of(values.get("subdomain", ""))
        if not subdomain:
            raise Refused("subdomain")
        return Grant({"access_token": values.get("token", "").strip()}, {"subdomain": subdomain})

    def account(self, access: Access) -> Account:
        data = call(access, "GET", "/account")
        if not data.get("id"):
            raise Unreachable("unreadable")
        return Account(id=str(data["id"]), name=str(data.get("name") or data.get("subdomain")))

    # -- what it has

    def remote_fields(self, access: Access) -> list[RemoteField]:
        rows: list[Mapping[str, Any]] = []
        page = 1
        while True:
            asked = {"limit": PAGE, "page": page}
            data = call(access, "GET", "/contacts/custom_fields", params=asked)
            rows += _embedded(data, "custom_fields")
            if "next" not in (data.get("_links") or {}):
                return shapes.fields_of(rows)
            page += 1

    def page(self, access: Access, checkpoint: Checkpoint) -> Page:
        """Oldest change first. The next page begins a second before the last change that was read,
        so that what changes meanwhile moves to the end and shifts nobody past us; pages are
        counted only through one second's crowd."""
        since, number = int(checkpoint.get("since", 0)), int(checkpoint.get("page", 1))
        asked: dict[str, Any] = {
            "with": "leads", "limit": PAGE, "page": number, "order[updated_at]": "asc",
        }  # fmt: skip
        if since:
            asked["filter[updated_at][from]"] = since
        data = call(access, "GET", "/contacts", params=asked)
        contacts = [shapes.contact_of(row) for row in _embedded(data, "contacts")]
        reached = max([since, *(int(one.version or 0) - 1 for one in contacts)])
        if "next" not in (data.get("_links") or {}):
            return Page(contacts, None, {"since": reached})
        moves_on = reached > since
        return Page(contacts, {"since": reached, "page": 1 if moves_on else number + 1})

    # -- what it is told

    def get(self, access: Access, external_id: str) -> RemoteContact | None:
        try:
            data = call(access, "GET", f"/contacts/{external_id}", params={"with": "leads"})
        except Refused as error:
            if error.code == "not_found":
                return None
            raise
        return shapes.contact_of(data) if data else None

    def find(self, access: Access, card: Card) -> RemoteContact | None:
        for text in (*card.phones, *card.aliases, card.email):
            if not text:
                continue
            # Without the country code, as people may have typed it there.
            query = text if "@" in text else shapes.local_digits(text)
            asked = {"query": query, "with": "leads", "limit": MOST_FOUND}
            for row in _embedded(call(access, "GET", "/contacts", params=asked), "contacts"):
                found = shapes.contact_of(row)
                if _is_known_by(found, text):
                    return found
        return None

    def create(self, access: Access, card: Card) -> str:
        data = call(access, "POST", "/contacts", json=[shapes.contact_body(card)])
        return _first_id(data, "contacts")

    def update(self, access: Access, external_id: str, card: Card) -> None:
        """A PATCH replaces all phones and e-mails of the contact: those that only Kommo knows are
        sent along, so that they stay."""
        there = call(access, "GET", f"/contacts/{external_id}")
        if not there:
            raise Refused("not_found")
        body = shapes.contact_body(card, there.get("custom_fields_values") or ())
        call(access, "PATCH", f"/contacts/{external_id}", json=body)

    def create_lead(self, access: Access, *, contact: str, name: str) -> str:
        lead = {"name": name, "_embedded": {"contacts": [{"id": int(contact)}]}}
        return _first_id(call(access, "POST", "/leads", json=[lead]), "leads")

    def add_note(self, access: Access, *, lead: str, text: str, is_public: bool) -> str:
        """A private note is `common`, which Kommo's users may edit; a public one is a service
        message signed by us. Both are seen by Kommo's users alone: it has no note for customers.
        """
        note: dict[str, Any] = {"note_type": "common", "params": {"text": text}}
        if is_public:
            params = {"service": SERVICE, "text": text}
            note = {"note_type": "extended_service_message", "params": params}
        return _first_id(call(access, "POST", f"/leads/{lead}/notes", json=[note]), "notes")

    def find_note(self, access: Access, *, lead: str, text: str) -> str:
        asked = {"limit": NOTES_LOOKED_AT, "order[updated_at]": "desc"}
        data = call(access, "GET", f"/leads/{lead}/notes", params=asked)
        for note in _embedded(data, "notes"):
            if (note.get("params") or {}).get("text") == text:
                return str(note["id"])
        return ""


def _granted(config: Mapping[str, Any], grant: Mapping[str, str]) -> Grant:
    data = token(config, grant)
    secrets = {name: str(data.get(name) or "") for name in ("access_token", "refresh_token")}
    seconds = int(data.get("expires_in") or 0)
    ends = timezone.now() + timedelta(seconds=seconds) if seconds else None
    return Grant(secrets, dict(config), ends)


def _is_known_by(contact: RemoteContact, text: str) -> bool:
    """A search finds what has the text anywhere; only the same address is the same person."""
    if "@" in text:
        return text.lower() in (email.lower() for email in contact.emails)
    wanted = shapes.local_digits(text)
    return any(shapes.local_digits(phone) == wanted for phone in contact.phones)


def _embedded(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return list((data.get("_embedded") or {}).get(name) or ())


def _first_id(data: Mapping[str, Any], name: str) -> str:
    rows = _embedded(data, name)
    if not rows or "id" not in rows[0]:
        raise Unreachable("no_id")  # it was taken, and we do not know as what
    return str(rows[0]["id"])

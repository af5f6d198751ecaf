"""Grapfy: who bought, from a listing of past events.

Grapfy publishes no documentation of such a listing that we know of. What is asked for here is a
shape that many systems have, and whose names people can say: `GET <address>?since=&cursor=&limit=`
with a bearer token answers `{"data": [event, …], "next_cursor": "…" or null}`, oldest first, each
event as Grapfy's webhook posts it (`webhooks.sources.presets`).

Contacts are taken over and nothing else: what happened long ago must not start an automation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from core import http
from integrations.providers.answers import data_of, seconds_asked
from integrations.providers.base import (
    Access,
    Account,
    Busy,
    Capabilities,
    Checkpoint,
    CredentialField,
    Grant,
    Page,
    Refused,
    RemoteContact,
    Revoked,
    Unreachable,
)
from integrations.providers.readonly import ReadOnly
from webhooks.sources.normalised import Normalised
from webhooks.sources.presets import preset

PAGE = 100
SECONDS = 20.0
MAX_BYTES = 8 * 1024 * 1024
BUSY_SECONDS = 5.0
ID_LENGTH = 64


class Grapfy(ReadOnly):
    """The port's side of Grapfy."""

    slug = "grapfy"
    label = "Grapfy"
    icon = "history"
    description = _("Contacts of past sales and leads, read from a listing of events.")
    capabilities = Capabilities(syncs=True, is_verified=False)
    rate_per_second = 2.0
    fields = (
        CredentialField(
            "url", _("Address of the listing"), _("Beginning with https://."), secret=False
        ),
        CredentialField("token", _("Token"), _("Sent as Authorization: Bearer.")),
        CredentialField(
            "items",
            _("Name of the list"),
            _("In the answer, what holds the events."),
            secret=False,
            initial="data",
        ),
        CredentialField(
            "cursor",
            _("Name of the next page"),
            _("In the answer, what is sent back as cursor; empty or null on the last page."),
            secret=False,
            initial="next_cursor",
        ),
    )

    def grant_of(self, values: Mapping[str, str]) -> Grant:
        try:
            http.check_url(values.get("url", "").strip())
        except http.BlockedAddress:
            raise Refused("url") from None
        config = {name: values.get(name, "").strip() for name in ("url", "items", "cursor")}
        return Grant({"access_token": values.get("token", "").strip()}, config)

    def account(self, access: Access) -> Account:
        _ask(access, {"limit": 1})
        host = urlsplit(access.config["url"]).netloc
        return Account(id=_short(access.config["url"]), name=host)

    def page(self, access: Access, checkpoint: Checkpoint) -> Page:
        """The cursor leads through a run; `since` is the newest event of the run before."""
        asked = {"limit": PAGE, "since": checkpoint.get("since", "")}
        if checkpoint.get("cursor"):
            asked["cursor"] = checkpoint["cursor"]
        data = _ask(access, {name: value for name, value in asked.items() if value})
        events = data.get(access.config["items"])
        if not isinstance(events, list):
            raise Refused("unreadable", access.config["items"])
        told = [one for event in events for one in _understood(event)]
        newest = max([checkpoint.get("newest", ""), *_times(told)])
        contacts = [_contact(one) for one in told]
        cursor = data.get(access.config["cursor"])
        # One that leads to where we are would lead there for ever.
        if cursor in (None, "", asked.get("cursor")) or not events:
            return Page(contacts, None, {"since": newest or checkpoint.get("since", "")})
        since = checkpoint.get("since", "")
        return Page(contacts, {"since": since, "cursor": str(cursor), "newest": newest})


def _ask(access: Access, params: Mapping[str, Any]) -> dict[str, Any]:
    access.spend()
    headers = {"Authorization": f"Bearer {access.token}"}
    try:
        answer = http.request(
            "GET", access.config["url"], params=params, headers=headers, total=SECONDS,
            max_bytes=MAX_BYTES,
        )  # fmt: skip
    except http.OutboundError as error:
        raise Unreachable("unreachable", str(error)) from None
    if answer.status in (401, 403):
        raise Revoked("token_refused", str(answer.status))
    if answer.status == 429:
        raise Busy("too_fast", seconds_asked(answer, BUSY_SECONDS))
    if answer.status >= 500:
        raise Unreachable("server_error", str(answer.status))
    if not answer.ok:
        raise Refused("refused", str(answer.status))
    return data_of(answer)


def _understood(event: Any) -> list[Normalised]:
    return preset(Grapfy.slug).normalise(event, {})


def _times(told: list[Normalised]) -> Iterator[str]:
    return (one.occurred_at.isoformat() for one in told if one.occurred_at)


def _contact(one: Normalised) -> RemoteContact:
    """Events name no id of a person: the address is it."""
    return RemoteContact(
        id=_short(one.phone or one.email.lower()),
        name=one.name,
        phones=[one.phone] if one.phone else [],
        emails=[one.email] if one.email else [],
        changed_at=one.occurred_at,
    )


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]

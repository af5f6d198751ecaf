"""Kommo's API v4 over HTTP: what its answers mean.

Source: developers.kommo.com: "Limitations" (7 requests a second, 429; 403 once the address is
blocked), "OAuth 2.0", "Errors".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from core import http
from integrations.providers.answers import data_of, seconds_asked
from integrations.providers.base import (
    Access,
    Busy,
    Refused,
    Revoked,
    TokenRefused,
    Unreachable,
)

SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Accounts of before 2023 still come back under the former name.
DOMAINS = (".kommo.com", ".amocrm.com")
SECONDS = 15.0
BUSY_SECONDS = 2.0
BLOCKED_SECONDS = 900.0
MAX_BYTES = 8 * 1024 * 1024


def subdomain_of(text: str) -> str:
    """The account in "minhaloja", "minhaloja.kommo.com" or its address; empty for anything else."""
    host = text.strip().lower().removeprefix("https://").partition("/")[0]
    for domain in DOMAINS:
        host = host.removesuffix(domain)
    return host if SUBDOMAIN.fullmatch(host) else ""


def base_url(config: Mapping[str, Any]) -> str:
    """The account's own address; requests to the common one are not answered."""
    return str(settings.KOMMO_BASE_URL).format(subdomain=config["subdomain"])


def call(
    access: Access,
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
) -> dict[str, Any]:
    """One request to `/api/v4`; the answer's JSON, empty where there is nothing (204).

    Raises:
        integrations.providers.base.ProviderError: by what it means.
    """
    access.spend()
    answer = _send(
        method,
        f"{base_url(access.config)}/api/v4{path}",
        params=params,
        json=json,
        headers={"Authorization": f"Bearer {access.token}"},
    )
    if answer.status == 204:
        return {}
    if answer.ok:
        return data_of(answer)
    raise _failure(answer)


def token(config: Mapping[str, Any], grant: Mapping[str, str]) -> dict[str, Any]:
    """`POST /oauth2/access_token`.

    Raises:
        Revoked: the code or refresh token is void.
        ProviderError: no usable answer.
    """
    keys = {"client_id": settings.KOMMO_CLIENT_ID, "client_secret": settings.KOMMO_CLIENT_SECRET}
    url = f"{base_url(config)}/oauth2/access_token"
    answer = _send("POST", url, json={**keys, **grant})
    if answer.ok:
        return data_of(answer)
    if answer.status in (400, 401, 403):
        raise Revoked("access_revoked", _detail(answer))
    raise _failure(answer)


def _send(method: str, url: str, **more: Any) -> http.Response:
    try:
        return http.request(method, url, total=SECONDS, max_bytes=MAX_BYTES, **more)
    except http.OutboundError as error:
        raise Unreachable("unreachable", str(error)) from None


def _failure(answer: http.Response) -> Exception:
    if answer.status == 401:
        return TokenRefused("token_refused", _detail(answer))
    if answer.status == 429:
        # Kommo's documentation promises no Retry-After; a proxy before it may send one.
        return Busy("too_fast", seconds_asked(answer, BUSY_SECONDS))
    if answer.status == 403:
        return Busy("blocked", seconds_asked(answer, BLOCKED_SECONDS))
    if answer.status == 404:
        return Refused("not_found", _detail(answer))
    if answer.status >= 500:
        return Unreachable("server_error", _detail(answer))
    return Refused("refused", _detail(answer))


def _detail(answer: http.Response) -> str:
    try:
        data = answer.json()
    except ValueError:
        return f"{answer.status} {answer.text[:200]}"
    if not isinstance(data, dict):
        return str(answer.status)
    said = [str(data[name]) for name in ("detail", "hint", "title") if data.get(name)]
    return f"{answer.status} {' · '.join(said)}"

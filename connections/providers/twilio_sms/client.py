"""Blocking calls to Twilio, for workers and pages: one JSON answer, or a ProviderError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connections.providers.answers import lost, wordless
from connections.providers.base import Credentials, FailureClass, ProviderError
from connections.providers.loose import objects, text
from connections.providers.twilio_sms.addresses import account_url, basic_auth
from connections.providers.twilio_sms.errors import decode, fault_in, provider_error
from core import http

PAGE_SIZE = 100
MOST_PAGES = 50  # a list that never ends must not hold a worker for ever

Answer = Mapping[str, Any]


def get(credentials: Credentials, url: str, params: Mapping[str, Any] | None = None) -> Answer:
    """Read an object. Raises ProviderError."""
    return _call("GET", credentials, url, params=params)


def post(credentials: Credentials, url: str, form: Mapping[str, str]) -> Answer:
    """Create or change something. Raises ProviderError (AMBIGUOUS when nobody can tell)."""
    return _call("POST", credentials, url, data=form)


def delete(credentials: Credentials, url: str) -> None:
    """Delete something. Raises ProviderError."""
    _call("DELETE", credentials, url)


def rows(
    credentials: Credentials, path: str, key: str, params: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Every row of a list of the account, page after page.

    Counts the pages itself and never goes to the address of the answer, so the token stays with
    the host that our settings name.
    """
    token = ""
    for page in range(MOST_PAGES):
        cursor = {"Page": page, "PageToken": token} if page else {}
        answer = get(
            credentials, account_url(credentials, path), {**params, "PageSize": PAGE_SIZE, **cursor}
        )
        yield from objects(answer, key)
        following = text(answer, "next_page_uri")
        if not following:
            return
        token = next(iter(parse_qs(urlsplit(following).query).get("PageToken", [])), "")


def _call(method: str, credentials: Credentials, url: str, **request: Any) -> Answer:
    try:
        answer = http.request(method, url, headers=basic_auth(credentials), **request)
    except http.OutboundError as error:
        raise lost(error, ProviderError) from error
    found = decode(answer.content)
    if answer.ok and (found or not answer.content):
        return found
    if answer.ok:
        raise ProviderError(FailureClass.AMBIGUOUS, "bad_answer", "not a JSON object")
    fault = fault_in(found)
    if fault is None:
        raise wordless(answer.status, answer.headers, ProviderError)
    raise provider_error(fault, answer.status, answer.headers, ProviderError)

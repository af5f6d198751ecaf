"""Blocking calls to Graph, for workers and pages: one JSON answer, or a ProviderError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connections.providers.answers import lost, wordless
from connections.providers.base import Credentials, FailureClass, ProviderError
from connections.providers.loose import mapping, objects, text
from connections.providers.whatsapp_cloud.addresses import bearer, graph_url
from connections.providers.whatsapp_cloud.errors import fault_in, provider_error
from core import http

PAGE_SIZE = 100
MOST_PAGES = 500  # a list that never ends must not hold a worker for ever

Answer = Mapping[str, Any]
Params = Mapping[str, Any]


def get(credentials: Credentials, path: str, params: Params | None = None) -> Answer:
    """Read an object. Raises ProviderError."""
    return _call("GET", credentials, path, params=params)


def post(credentials: Credentials, path: str, body: Mapping[str, Any]) -> Answer:
    """Create or change something. Raises ProviderError (AMBIGUOUS when nobody can tell)."""
    return _call("POST", credentials, path, json=body)


def upload(
    credentials: Credentials, path: str, data: Mapping[str, Any], files: Mapping[str, Any]
) -> Answer:
    """Post a multipart form. Raises ProviderError."""
    return _call("POST", credentials, path, data=data, files=files)


def delete(credentials: Credentials, path: str, params: Params | None = None) -> Answer:
    """Delete something. Raises ProviderError."""
    return _call("DELETE", credentials, path, params=params)


def pages(credentials: Credentials, path: str, params: Params) -> Iterator[dict[str, Any]]:
    """Every row of a list, page after page.

    Goes by the cursor and never by the `next` address of the answer, so the token stays with the
    host that our settings name.
    """
    after = ""
    for _ in range(MOST_PAGES):
        cursor = {"after": after} if after else {}
        answer = get(credentials, path, {**params, "limit": PAGE_SIZE, **cursor})
        yield from objects(answer, "data")
        paging = mapping(answer, "paging")
        after = text(mapping(paging, "cursors"), "after")
        if not (after and text(paging, "next")):
            return


def _call(method: str, credentials: Credentials, path: str, **request: Any) -> Answer:
    try:
        answer = http.request(method, graph_url(path), headers=bearer(credentials), **request)
    except http.OutboundError as error:
        raise lost(error, ProviderError) from error
    return read(answer)


def read(answer: http.Response) -> Answer:
    """The object of an answer. Raises ProviderError for every other one."""
    try:
        data = answer.json()
    except ValueError:
        data = None
    if answer.ok and isinstance(data, dict):
        return data
    if answer.ok:
        raise ProviderError(FailureClass.AMBIGUOUS, "bad_answer", "not a JSON object")
    fault = fault_in(data)
    if fault is None:
        raise wordless(answer.status, answer.headers, ProviderError)
    raise provider_error(fault, answer.status, answer.headers)

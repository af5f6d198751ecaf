"""Kommo's refusals: problem+json, and what its OAuth server says.

Source: developers.kommo.com, "Errors" and "OAuth 2.0 step by step".
"""

from __future__ import annotations

import orjson
from aiohttp import web

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


class KommoError(Exception):
    """A refusal in Kommo's own words."""

    def __init__(
        self, status: int, detail: str = "", *, hint: str = "", retry_after: int | None = None
    ) -> None:
        super().__init__(f"{status}: {detail}")
        self.status, self.detail, self.hint = status, detail, hint
        self.retry_after = retry_after

    def response(self) -> web.Response:
        """The error as an HTTP answer."""
        body = {
            "title": TITLES.get(self.status, "Error"),
            "type": "https://httpstatus.es/" + str(self.status),
            "status": self.status,
            "detail": self.detail or TITLES.get(self.status, "Error"),
            **({"hint": self.hint} if self.hint else {}),
        }
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return web.Response(
            body=orjson.dumps(body),
            status=self.status,
            content_type="application/problem+json",
            headers=headers,
        )

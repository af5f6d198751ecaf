"""Graph's errors: codes, HTTP statuses and the body they come in.

Source: Meta's "Cloud API error codes" and "Graph API error handling" pages.
"""

from __future__ import annotations

import secrets
from typing import Any

from aiohttp import web

from sandbox.wire import reply

# code: (HTTP status, title)
CODES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "Permission Denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    104: (401, "An access token is required to request this resource."),
    190: (401, "Access token has expired"),
    200: (403, "API Permission"),
    368: (403, "Temporarily blocked for policies violations"),
    2200: (400, "Callback verification failed"),
    80007: (400, "Rate limit issues"),
    130429: (429, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Account has been locked"),
    131037: (400, "Display name needs approval"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (429, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131050: (400, "User has stopped marketing messages from this business"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (429, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131062: (400, "Business-scoped user id is not supported here"),
    131063: (403, "Marketing messages are turned off for this account"),
    131064: (429, "Messaging limit reached"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Template hydrated text too long"),
    132007: (400, "Template format character policy violated"),
    132008: (400, "Template parameter format mismatch"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132068: (400, "Flow is blocked"),
    132069: (400, "Flow is throttled"),
    133010: (400, "Phone number not registered"),
    133016: (400, "Account register deregister rate limit exceeded"),
    135000: (400, "Generic user error"),
}
_TRANSIENT = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057})
_UNMARKED = frozenset({104, 190})  # Graph writes these messages without the "(#code)" prefix


class GraphError(Exception):
    """A refusal in Graph's own words.

    ``details`` goes to ``error_data.details``; ``user`` is the (title, text) meant for people
    that the template endpoints add.
    """

    def __init__(
        self,
        code: int,
        details: str = "",
        *,
        message: str = "",
        subcode: int | None = None,
        status: int | None = None,
        kind: str = "OAuthException",
        user: tuple[str, str] | None = None,
    ) -> None:
        self.code = code
        known_status, self.title = CODES.get(code, (400, "Unknown error"))
        self.status = status or known_status
        self.details = details
        self.message = message or self._marked(self.title)
        self.subcode = subcode
        self.kind = kind
        self.user = user
        super().__init__(f"{self.message} {details}".strip())

    def _marked(self, text: str) -> str:
        return text if self.code in _UNMARKED else f"(#{self.code}) {text}"

    def body(self) -> dict[str, Any]:
        """``{"error": {…}}`` as Graph answers it."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.code in _TRANSIENT:
            error["is_transient"] = True
        if self.user:
            error["error_user_title"], error["error_user_msg"] = self.user
        error["fbtrace_id"] = "A" + secrets.token_urlsafe(15)
        return {"error": error}

    def response(self) -> web.Response:
        """The HTTP answer."""
        return reply(self.body(), self.status)

    def webhook(self) -> dict[str, Any]:
        """The error as it stands in a ``failed`` status of a webhook."""
        return {
            "code": self.code,
            "title": self.title,
            "message": self.title,
            "error_data": {"details": self.details or f"{self.title}."},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }


def invalid(message: str, details: str = "") -> GraphError:
    """Code 100 with a message of its own."""
    return GraphError(100, details, message=f"(#100) {message}")


def missing(details: str) -> GraphError:
    """Code 131008: a required parameter is missing."""
    return GraphError(131008, details)


def bad_value(details: str) -> GraphError:
    """Code 131009: a parameter has an impossible value."""
    return GraphError(131009, details)


def no_such_object(object_id: str, method: str) -> GraphError:
    """Code 100 with subcode 33: Graph's answer for ids that are unknown or not yours."""
    verb = {"GET": "get", "DELETE": "delete"}.get(method, "post")
    return GraphError(
        100,
        message=(
            f"Unsupported {verb} request. Object with ID '{object_id}' does not exist, cannot be "
            "loaded due to missing permissions, or does not support this operation. Please read "
            "the Graph API documentation at https://developers.facebook.com/docs/graph-api"
        ),
        subcode=33,
        kind="GraphMethodException",
    )

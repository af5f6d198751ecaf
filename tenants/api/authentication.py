"""`Authorization: Api-Key <key>` and `Authorization: Bearer <access>`, each bound to one company.

Both open the company's schema for the rest of the request; CompanyMiddleware closes it. A key or
token of a suspended company, a revoked key or a person who left are all "not authenticated".
"""

from typing import cast

from django.db import connection
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from tenants.api.principal import Principal
from tenants.api.tokens import membership_by_token
from tenants.http import MemberRequest
from tenants.services import api_keys


class ApiKeyAuthentication(BaseAuthentication):
    """A program with a key of the company."""

    keyword = "Api-Key"

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        secret = _credential(request, self.keyword)
        if secret is None:
            return None
        key = api_keys.find(secret)
        if key is None:
            raise AuthenticationFailed(_("This API key is not valid or was revoked."), "bad_key")
        return _enter(request, Principal(company=key.company, api_key=key)), key.prefix

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class TokenAuthentication(BaseAuthentication):
    """A person with a token from `POST /api/v1/auth/token/`; their role is read afresh."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        text = _credential(request, self.keyword)
        if text is None:
            return None
        try:
            token = AccessToken(text)  # type: ignore[arg-type]
        except TokenError as error:
            raise AuthenticationFailed(
                _("This token is not valid or has expired. Ask for a new one."), "bad_token"
            ) from error
        membership = membership_by_token(token)
        if membership is None:
            raise AuthenticationFailed(
                _("You are no longer a member of this company."), "not_a_member"
            )
        principal = Principal(company=membership.company, membership=membership)
        return _enter(request, principal), "jwt"

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


def _credential(request: Request, keyword: str) -> str | None:
    """The text after the keyword; None when the header speaks of something else."""
    parts = get_authorization_header(request).split()
    if len(parts) != 2 or parts[0].lower() != keyword.lower().encode():
        return None
    return parts[1].decode("ascii", errors="replace")


def _enter(request: Request, principal: Principal) -> Principal:
    inner = cast(MemberRequest, request._request)
    inner.company = principal.company
    inner.membership = principal.membership  # type: ignore[assignment]  # None for keys
    connection.set_tenant(principal.company)  # type: ignore[attr-defined]
    return principal

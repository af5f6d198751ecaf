"""Sign-in for programs that act as a person."""

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import RefreshToken

from core.errors import TooMany
from tenants.api import tokens
from tenants.api.serializers import RefreshSerializer, SignInSerializer, TokenPairSerializer
from tenants.models import Membership, Person

WAIT_SECONDS = 300  # the window of ACCOUNT_RATE_LIMITS["login_failed"]
# One sentence for a wrong password, an unknown company, a stranger and an unconfirmed e-mail.
REFUSED = _("The e-mail, password or company is not right, or the e-mail is not confirmed.")


class _OpenView(APIView):
    """Asked by somebody who has nothing to show yet."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"  # without it, REST framework turns a 401 into a 403


@extend_schema(
    tags=["auth"],
    summary="Sign in",
    description="Limited like the sign-in page, together with it.",
    request=SignInSerializer,
    responses=TokenPairSerializer,
    auth=[],
    examples=[
        OpenApiExample(
            "Sign in",
            value={"email": "ana@example.com", "password": "…", "company": "loja-aurora"},
            request_only=True,
        )
    ],
)
class TokenView(_OpenView):
    """`POST auth/token/` {"email", "password", "company"} → {"access", "refresh"}."""

    def post(self, request: Request) -> Response:
        data = SignInSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        membership = _sign_in(request._request, **data.validated_data)
        if membership is None:
            raise AuthenticationFailed(REFUSED, "sign_in_failed")
        return Response(tokens.issue(membership))


@extend_schema(
    tags=["auth"],
    summary="Renew a token",
    request=RefreshSerializer,
    responses=TokenPairSerializer,
    auth=[],
)
class RefreshView(_OpenView):
    """`POST auth/token/refresh/` {"refresh"} → a new pair; the membership is asked again."""

    def post(self, request: Request) -> Response:
        data = RefreshSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        try:
            refresh = RefreshToken(data.validated_data["refresh"])
        except TokenError as error:
            raise _ended() from error
        membership = tokens.membership_by_token(refresh)
        if membership is None:
            raise _ended()
        return Response(tokens.issue(membership))


def _sign_in(request: HttpRequest, *, email: str, password: str, company: str) -> Membership | None:
    """The membership, when everything holds. The password is checked first and always."""
    email = email.lower()
    if not ratelimit.consume(request, app="allauth.account", action="login"):
        raise TooMany(retry_after=60)
    try:
        person = get_adapter(request).authenticate(request, email=email, password=password)
    except ValidationError as error:  # allauth's way to say "too many attempts"
        raise TooMany(retry_after=WAIT_SECONDS) from error
    return tokens.membership_for_sign_in(cast("Person", person), company) if person else None


def _ended() -> AuthenticationFailed:
    return AuthenticationFailed(_("This token is not valid any more. Sign in again."), "bad_token")

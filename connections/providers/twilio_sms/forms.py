"""What people must give to connect a number, in the words of Twilio's console."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connections.providers.base import CredentialField, Credentials

AUTH_TOKEN = "auth_token"  # noqa: S105 -- the name of a field
NUMBER_ID = "number_id"
ACCOUNT_ID = "account_id"

FIELDS = (
    CredentialField(
        ACCOUNT_ID,
        _("Account SID"),
        _("Starts with AC, on the first page of the console."),
        secret=False,
    ),
    CredentialField(
        AUTH_TOKEN,
        _("Auth token"),
        _("Right below the account SID. It sends, and proves that what we receive is genuine."),
    ),
    CredentialField(
        NUMBER_ID,
        _("Phone number"),
        _("With country code, such as +5511987654321; or a messaging service (MG…)."),
        secret=False,
        keyboard="tel",
    ),
)


def auth_token_of(credentials: Credentials) -> str:
    """What requests and callbacks are signed with."""
    return credentials.secrets.get(AUTH_TOKEN, "")

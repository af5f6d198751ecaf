"""What people must give to connect a number, in the words of Meta's own panels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connections.providers.base import CredentialField, Credentials

TOKEN = "token"  # noqa: S105 -- the name of a field
APP_SECRET = "app_secret"  # noqa: S105 -- the same
NUMBER_ID = "number_id"
ACCOUNT_ID = "account_id"

FIELDS = (
    CredentialField(
        NUMBER_ID,
        _("Phone number ID"),
        _("About 15 digits. It is not the phone number itself."),
        secret=False,
        keyboard="numeric",
    ),
    CredentialField(
        ACCOUNT_ID,
        _("WhatsApp Business account ID"),
        _("Stands right below the phone number ID."),
        secret=False,
        keyboard="numeric",
    ),
    CredentialField(
        TOKEN,
        _("Access token"),
        _("Use the permanent token of a system user; the one shown by default ends in 24 hours."),
    ),
    CredentialField(
        APP_SECRET,
        _("App secret"),
        _("32 letters and digits. It proves that what we receive comes from Meta."),
    ),
)


def token_of(credentials: Credentials) -> str:
    """The bearer token."""
    return credentials.secrets.get(TOKEN, "")


def app_secret_of(credentials: Credentials) -> str:
    """The secret that callbacks are signed with."""
    return credentials.secrets.get(APP_SECRET, "")

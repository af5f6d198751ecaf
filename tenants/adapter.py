"""How allauth behaves here: mail links from the settings, never from the Host header."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from tenants.links import platform_url


class AccountAdapter(DefaultAccountAdapter):
    """allauth's border with this product."""

    def get_email_confirmation_url(
        self, request: HttpRequest | None, emailconfirmation: object
    ) -> str:
        return platform_url("account_confirm_email", emailconfirmation.key)  # type: ignore[attr-defined]

    def get_reset_password_from_key_url(self, key: str) -> str:
        return platform_url("account_reset_password_from_key", *key.split("-", 1))

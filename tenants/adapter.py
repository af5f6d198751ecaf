"""How allauth behaves here: mail links from the settings, never from the Host header."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from tenants.links import platform_url

# What allauth would build from the request, by its name in the letters.
LINKS = {"signup_url": "account_signup", "password_reset_url": "account_reset_password"}


class AccountAdapter(DefaultAccountAdapter):
    """allauth's border with this product."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if not template_prefix.endswith("password_reset_key"):  # that one names its own link
            links = {name: platform_url(page) for name, page in LINKS.items() if name in context}
            context = {**context, **links}
        super().send_mail(template_prefix, email, context)

    def get_email_confirmation_url(
        self, request: HttpRequest | None, emailconfirmation: object
    ) -> str:
        return platform_url("account_confirm_email", emailconfirmation.key)  # type: ignore[attr-defined]

    def get_reset_password_from_key_url(self, key: str) -> str:
        return platform_url("account_reset_password_from_key", *key.split("-", 1))

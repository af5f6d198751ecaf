"""Forms of the platform's pages."""

from allauth.account.forms import SignupForm as BaseSignUpForm
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tenants.models import Invitation, Person
from tenants.services import people


class SignUpForm(BaseSignUpForm):
    """Sign-up: name, e-mail, password. An address that is known gets the same answer, by mail."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "email", "password1")

    def try_save(self, request: HttpRequest) -> tuple[Person | None, HttpResponse | None]:
        if self.account_already_exists:
            # A new account costs a password hash; so does this answer, or its time would tell.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def custom_signup(self, request: HttpRequest, user: Person) -> None:
        language = get_language() or settings.LANGUAGE_CODE
        people.update_profile(person=user, name=self.cleaned_data["name"], language=language)


class CompanyForm(forms.Form):
    """A new company; its address is made from its name."""

    name = forms.CharField(
        label=_("Company name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("For starting texts, e-mails and reports. Everyone can choose their own."),
    )


class JoinForm(forms.Form):
    """Somebody without an account accepts an invitation that was mailed to them."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=password_validators_help_text_html(),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: object, invitation: Invitation, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.invitation = invitation

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(
            password, Person(email=self.invitation.email, name=self.cleaned_data.get("name", ""))
        )
        return password

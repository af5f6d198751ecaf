"""Forms of the platform's pages."""

from allauth.account.forms import SignupForm as BaseSignUpForm


class SignUpForm(BaseSignUpForm):
    """Sign-up."""

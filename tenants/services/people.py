"""What people change about themselves, and how those who need no e-mail check come to be."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from tenants.models import Person
from tenants.services import memberships


def update_profile(*, person: Person, name: str, language: str) -> None:
    """Change a person's name and language; their companies hear of the name.

    Raises:
        core.errors.Invalid: a value does not fit.
    """
    if not name.strip():
        raise Invalid({"name": _("Write your name, so that your team recognises you.")})
    set_language(person=person, language=language)
    with transaction.atomic():
        person.name = name.strip()
        person.save(update_fields=["name"])
        memberships.resync(person=person)


def set_language(*, person: Person, language: str) -> None:
    """Remember the language in which a person is answered.

    Raises:
        core.errors.Invalid: the product does not speak it.
    """
    if language not in dict(settings.LANGUAGES):
        raise Invalid({"language": _("Choose one of the languages.")})
    person.language = language
    person.save(update_fields=["language"])


def create_verified(
    *, email: str, password: str, name: str = "", superadmin: bool = False
) -> Person:
    """A person whose e-mail needs no confirming: invited by a mail, or made by the operator."""
    with transaction.atomic():
        create = Person.objects.create_superuser if superadmin else Person.objects.create_user
        person = create(email, password, name=name.strip())
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def make_superadmin(*, person: Person) -> None:
    """Let somebody who has an account into /admin/."""
    person.is_staff = person.is_superuser = True
    person.save(update_fields=["is_staff", "is_superuser"])


def set_password(*, person: Person, password: str) -> None:
    """Give a person a password; their sessions end."""
    person.set_password(password)
    person.save(update_fields=["password"])

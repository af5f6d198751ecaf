"""Who a browser session is, for code without a request (sockets)."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from tenants.models import Membership, Person
from tenants.selectors import membership_by_slug


def person_of_session(session_key: str) -> Person | None:
    """The person signed in with this session; None when it ended, whatever ended it.

    Django's own check runs: expiry, an inactive person, and the hash that a new password changes.
    """
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    person = get_user(request)
    return person if isinstance(person, Person) else None


def membership_of_session(session_key: str, slug: str) -> tuple[Person | None, Membership | None]:
    """Who a session is and their place in a company, each None where there is none."""
    person = person_of_session(session_key)
    if person is None:
        return None, None
    return person, membership_by_slug(person=person, slug=slug)

"""What a request carries once the middleware has done its work: types for views."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

from tenants.models import Company, Membership, Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_htmx.middleware import HtmxDetails


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in, outside any company."""

    user: Person
    htmx: "HtmxDetails"


class MemberRequest(PersonRequest):
    """A request below `/c/<slug>/`: the member, inside the company's schema."""

    company: Company
    membership: Membership
    memberships: "Sequence[Membership]"  # all of the person's, by the companies' names
    live_since: str  # the live line's cursor from before the view read anything

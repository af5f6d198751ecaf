"""Who is calling the API, for which company, and what they may do there."""

from dataclasses import dataclass
from uuid import UUID

from tenants.models import ApiKey, Company, Membership
from tenants.permissions import allows
from tenants.services.authors import Author


@dataclass(frozen=True, slots=True)
class Principal:
    """A person (by token) or a program (by key), bound to one company."""

    company: Company
    membership: Membership | None = None
    api_key: ApiKey | None = None

    is_authenticated = True

    @property
    def actor(self) -> str:
        """As events name it: `person:<id>` or `api_key:<id>`."""
        return self.author.actor

    @property
    def person_id(self) -> UUID | None:
        return self.membership.person_id if self.membership else None

    @property
    def author(self) -> Author:
        """The caller, as services about the company's people want to know them."""
        if self.membership is not None:
            return Author.member(self.membership)
        assert self.api_key is not None  # noqa: S101 -- one of the two made this principal
        return Author.key(self.api_key)

    def may(self, permission: str) -> bool:
        """True when the role's or the key's scopes hold the permission.

        Raises:
            KeyError: no such permission.
        """
        if self.membership is not None:
            return allows(self.membership.role, permission)
        assert self.api_key is not None  # noqa: S101 -- one of the two made this principal
        return permission in self.api_key.scopes

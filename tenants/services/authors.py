"""Who changes a company's people: the one question that rules about owners ask."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core.errors import NotAllowed
from tenants.enums import Role
from tenants.models import ApiKey, Membership, Person


def person_actor(person_id: UUID | None) -> str:
    """A person as events name them: `person:<id>`."""
    return f"person:{person_id}"


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody with a role who does something.

    Attributes:
        actor: as events name them (`person:<id>`, `api_key:<id>`, `superadmin:<id>`).
        person_id: None for programs.
    """

    role: str
    actor: str
    person_id: UUID | None = None

    @classmethod
    def member(cls, membership: Membership) -> "Author":
        person_id = membership.person_id
        return cls(role=membership.role, actor=person_actor(person_id), person_id=person_id)

    @classmethod
    def key(cls, key: ApiKey) -> "Author":
        """A program may do what an administrator may, as far as its scopes let it through."""
        return cls(role=Role.ADMIN, actor=f"api_key:{key.pk}")

    @classmethod
    def superadmin(cls, person: Person) -> "Author":
        return cls(role=Role.OWNER, actor=f"superadmin:{person.pk}", person_id=person.pk)

    def ensure_may_touch(self, role: str) -> None:
        """Hold that only an owner makes, invites, changes or removes an owner.

        Raises:
            core.errors.NotAllowed: somebody else tries.
        """
        if role == Role.OWNER and self.role != Role.OWNER:
            raise NotAllowed("owner_only", _("Only an owner can do this to an owner."))

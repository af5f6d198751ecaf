"""Facts about templates."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.facts import Fact
from messaging.models import Template


@dataclass(frozen=True, kw_only=True)
class TemplatesSynced(Fact):
    """The templates of an account were read from the provider."""

    type: ClassVar[str] = "templates.synced"

    connection_id: UUID
    created: int
    updated: int
    removed: int
    total: int


@dataclass(frozen=True, kw_only=True)
class TemplateChanged(Fact):
    """A template was created, changed, submitted or deleted, or the provider judged it."""

    type: ClassVar[str] = "template.changed"

    template_id: UUID
    name: str
    language: str
    status: str
    reason: str = ""

    @classmethod
    def of(cls, template: Template) -> "TemplateChanged":
        """What there is to tell of a template as it is now."""
        return cls(
            template_id=template.pk,
            name=template.name,
            language=template.language,
            status=template.status,
            reason=template.reason,
        )

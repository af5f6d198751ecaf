"""Chainable verbs over contacts."""

from collections import Counter

from django.db import models
from django.utils import timezone

from crm.enums import ImportKind, Likeness, SuggestionState


class ContactQuerySet(models.QuerySet):
    """Chainable verbs over contacts."""

    def alive(self) -> "ContactQuerySet":
        """Contacts that nobody deleted."""
        return self.filter(deleted_at=None)


class IdentityQuerySet(models.QuerySet):
    """Chainable verbs over identities."""

    def held(self) -> "IdentityQuerySet":
        """Identities in use: those of deleted contacts are free for others."""
        return self.filter(released_at=None)


class ImportQuerySet(models.QuerySet):
    """Chainable verbs over imports."""

    def of_contacts(self) -> "ImportQuerySet":
        """Files of contacts."""
        return self.filter(kind=ImportKind.CONTACTS)

    def of_suppressions(self) -> "ImportQuerySet":
        """Lists of addresses that must not be written to."""
        return self.filter(kind=ImportKind.SUPPRESSIONS)


class SuggestionQuerySet(models.QuerySet):
    """Chainable verbs over suggested merges."""

    def open(self) -> "SuggestionQuerySet":
        """Nobody has decided yet, and both contacts are there."""
        return self.filter(
            state=SuggestionState.OPEN, first__deleted_at=None, second__deleted_at=None
        )

    def counted(self, most: int) -> Counter[int]:
        """How many there are by likeness, each counted up to one more than `most`."""
        first, *others = (
            self.filter(likeness=one).order_by().values_list("likeness", flat=True)[: most + 1]
            for one in Likeness
        )
        return Counter(first.union(*others, all=True))


class ExportQuerySet(models.QuerySet):
    """Chainable verbs over exports of contacts."""

    def kept(self) -> "ExportQuerySet":
        """Those whose day is not over."""
        return self.filter(expires_at__gt=timezone.now())

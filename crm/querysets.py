"""Chainable verbs over contacts."""

from django.db import models


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

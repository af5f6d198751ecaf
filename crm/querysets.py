from django.db import models


class ContactQuerySet(models.QuerySet):
    """Chainable verbs over contacts."""

    def alive(self) -> "ContactQuerySet":
        """Contacts that nobody deleted."""
        return self.filter(deleted_at=None)

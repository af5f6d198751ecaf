from django.db import models


class MessageQuerySet(models.QuerySet):
    """Chainable verbs over messages."""

"""What came in by the hour, and since when somebody has been listening."""

from django.db import models
from django.utils.timezone import now

from webhooks.gaps.enums import Measure, Noun


class HourCount(models.Model):
    """How much of something came in within an hour of UTC; hours without any have no row."""

    id = models.BigAutoField(primary_key=True)
    noun = models.CharField(max_length=10, choices=Noun)
    key = models.UUIDField()  # the connection's or the source's
    measure = models.CharField(max_length=8, choices=Measure)
    hour = models.DateTimeField()  # its first moment
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["noun", "key", "measure", "hour"], name="hour_count_once"
            )
        ]
        indexes = [models.Index(fields=["hour"], name="hour_count_by_hour")]

    def __str__(self) -> str:
        return f"{self.noun} {self.measure} {self.hour:%Y-%m-%d %H}: {self.count}"


class Watch(models.Model):
    """A number or a source that should be heard of while it is active."""

    id = models.BigAutoField(primary_key=True)
    noun = models.CharField(max_length=10, choices=Noun)
    key = models.UUIDField()
    is_active = models.BooleanField(default=True)
    # Nothing is expected of it before: it was made, or went on after a pause.
    active_since = models.DateTimeField(default=now)
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["noun", "key"], name="watch_once")]

    def __str__(self) -> str:
        return f"{self.noun} {self.key}"

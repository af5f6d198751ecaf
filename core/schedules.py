"""What beat ticks: each app registers its calendar work in AppConfig.ready(), `sync` writes it.

Only what the clock alone starts belongs here (pruning, nightly checks); the work of companies is
agenda rows. A schedule of ours that somebody deleted comes back, one that was switched off or
retimed by the superadmin stays so.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """One periodic task.

    Attributes:
        name: unique, as the superadmin sees it.
        task: the Celery task's name.
        every_seconds: how often.
        queue: the Celery queue.
    """

    name: str
    task: str
    every_seconds: int
    queue: str = "default"


schedules: dict[str, Schedule] = {}


def register(schedule: Schedule) -> None:
    """Announce a periodic task, once, at start-up.

    Raises:
        ValueError: the name is taken.
    """
    if schedule.name in schedules:
        message = f"the schedule {schedule.name} is registered twice"
        raise ValueError(message)
    schedules[schedule.name] = schedule


def sync() -> list[str]:
    """Write the missing schedules into beat's tables (public schema); returns their names."""
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    there = set(PeriodicTask.objects.filter(name__in=schedules).values_list("name", flat=True))
    missing = [schedule for name, schedule in schedules.items() if name not in there]
    for schedule in missing:
        interval, _ = IntervalSchedule.objects.get_or_create(
            every=schedule.every_seconds, period=IntervalSchedule.SECONDS
        )
        PeriodicTask.objects.create(
            name=schedule.name,
            task=schedule.task,
            interval=interval,
            queue=schedule.queue,
            expire_seconds=schedule.every_seconds,
        )
    return [schedule.name for schedule in missing]

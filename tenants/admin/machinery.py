"""What the platform's machines keep: addresses, wake-ups, schedules."""

from django.contrib import admin
from django_celery_beat import models as beat
from django_celery_beat.admin import ClockedScheduleAdmin as BaseClockedScheduleAdmin
from django_celery_beat.admin import CrontabScheduleAdmin as BaseCrontabScheduleAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BasePeriodicTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.models import AgendaRow
from tenants.admin.base import ReadOnlyAdmin
from tenants.models import IncidentRollup, Route


@admin.register(Route)
class RouteAdmin(ReadOnlyAdmin):
    """Which company an address of the outside world belongs to; its secrets are not shown."""

    list_display = ("provider", "kind", "external_id", "company", "state", "updated_at")
    list_filter = ("provider", "kind", "state")
    list_select_related = ("company",)
    search_fields = ("external_id", "company__name", "company__slug")
    exclude = ("secret", "verify_token")


@admin.register(IncidentRollup)
class IncidentRollupAdmin(ReadOnlyAdmin):
    """What is in trouble, at which company, since when."""

    list_display = ("opened_at", "company", "kind", "cause", "scope", "times", "closed_at")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "kind")
    list_select_related = ("company",)
    search_fields = ("company__name", "company__slug", "scope", "cause")


@admin.register(AgendaRow)
class AgendaRowAdmin(ReadOnlyAdmin):
    """What is due, and when."""

    list_display = ("due_at", "kind", "schema", "key", "is_follow_up")
    search_fields = ("schema", "kind", "key")
    ordering = ("due_at",)


class _TaskWidget(UnfoldAdminSelectWidget, TaskSelectWidget):
    """The tasks that the workers know, in Unfold's look."""


class _ScheduleForm(PeriodicTaskForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = _TaskWidget()


@admin.register(beat.PeriodicTask)
class PeriodicTaskAdmin(BasePeriodicTaskAdmin, ModelAdmin):
    """What beat ticks; those of core.schedules come back when they are deleted."""

    form = _ScheduleForm


@admin.register(beat.IntervalSchedule)
class IntervalScheduleAdmin(ModelAdmin):
    """Every so often."""


@admin.register(beat.CrontabSchedule)
class CrontabScheduleAdmin(BaseCrontabScheduleAdmin, ModelAdmin):
    """At times of the day."""


@admin.register(beat.ClockedSchedule)
class ClockedScheduleAdmin(BaseClockedScheduleAdmin, ModelAdmin):
    """Once."""

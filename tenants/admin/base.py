"""What the admin pages share."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Rows that machines write: to look at, never to touch."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class UndeletableAdmin(ModelAdmin):
    """Rows that have an end of their own (suspended, inactive) instead of disappearing."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

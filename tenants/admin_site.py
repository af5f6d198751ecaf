"""The superadmin's site: for superadmins alone, behind the same sign-in as everybody's."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from core.errors_views import not_found
from tenants.links import platform_path


class PlatformAdminSite(UnfoldAdminSite):
    """Nobody else learns that it is there; signing in goes through the limited form."""

    index_title = _("Platform")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Pages in our look alone: what packages register for themselves stays out."""
        if admin_class is not None and issubclass(admin_class, ModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        person: Any = request.user
        return person.is_active and person.is_staff and person.is_superuser

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            return not_found(request)
        wished = request.GET.get("next", platform_path("admin:index"))
        return redirect_to_login(wished, platform_path("account_login"))

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect(platform_path("account_logout"))

    def extra_urls(self) -> list[URLPattern]:
        from tenants.admin.health import connection_health  # registers models: apps must be ready

        view = self.admin_view(connection_health)
        return [path("connections/", view, name="connection-health")]

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import checks, lifesigns, lookups  # noqa: F401 -- the first two hook in by that

        lookups.register()

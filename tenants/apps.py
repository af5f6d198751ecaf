from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = _("Companies and people")

    def ready(self) -> None:
        from core import scope
        from tenants.selectors import company_by_id

        scope.set_resolver(company_by_id)

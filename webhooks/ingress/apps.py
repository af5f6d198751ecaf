from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngressConfig(AppConfig):
    name = "webhooks.ingress"
    verbose_name = _("Webhook ingress")

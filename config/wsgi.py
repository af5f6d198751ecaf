"""Pages, API and webhooks: `granian --interface wsgi config.wsgi:application`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from core import memory
from core.frames import roomy
from core.slots import Slots

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
application = Slots(
    roomy(get_wsgi_application()),
    slots=settings.WEB_SLOTS,
    most=settings.WEB_REQUESTS,
    passing=("/webhooks/", "/health", "/_health"),
)
memory.settle()

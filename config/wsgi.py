"""Pages, API and webhooks: `granian --interface wsgi config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from core import memory
from core.frames import roomy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
application = roomy(get_wsgi_application())
memory.settle()

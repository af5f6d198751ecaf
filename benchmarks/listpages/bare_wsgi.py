"""The bare views for granian: the product's settings without middleware and with their addresses.

The settings change after the apps have loaded, since allauth refuses to start without its
middleware.
"""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

import config.wsgi  # noqa: F401 -- sets Django up as the product does
from core.frames import roomy

settings.MIDDLEWARE = []
settings.ROOT_URLCONF = "benchmarks.listpages.bare_urls"
application = roomy(get_wsgi_application())

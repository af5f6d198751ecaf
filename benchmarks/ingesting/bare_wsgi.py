"""The bare view for granian: the product's settings and pool, without middleware."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

import config.wsgi  # noqa: F401 -- sets Django up as the product does
from core.frames import roomy

settings.MIDDLEWARE = []
settings.ROOT_URLCONF = "benchmarks.ingesting.bare_views"
application = roomy(get_wsgi_application())

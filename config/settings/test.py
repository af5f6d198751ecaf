"""The product's settings with cheap passwords and captured mail; servers come from bin/test."""

from config.settings.base import *  # noqa: F403 -- the one place where settings are extended
from config.settings.base import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Tests run in one thread each and copy databases: a pool would hold connections to the old one.
DATABASES["default"]["OPTIONS"].pop("pool", None)
CELERY_TASK_ALWAYS_EAGER = False

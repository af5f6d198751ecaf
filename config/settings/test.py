"""The product's settings with cheap passwords and captured mail; servers come from bin/test."""

import os
from urllib.parse import urlsplit


def redis_of_worker(url: str) -> str:
    """A Redis database for each xdist worker: one's clean slate is nobody else's."""
    number = 2 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    address = urlsplit(url)
    if address.scheme == "unix":
        return f"unix://{address.path}?db={number}"
    return address._replace(path=f"/{number}").geturl()


os.environ["REDIS_URL"] = redis_of_worker(os.environ["REDIS_URL"])
# What the tests expect in links, whatever port bin/test found free.
os.environ["PLATFORM_URL"] = "http://localhost:5000"

from config.settings.base import *  # noqa: E402, F403 -- the one place where settings are extended
from config.settings.base import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Tests run in one thread each and copy databases: a pool would hold connections to the old one.
DATABASES["default"]["OPTIONS"].pop("pool", None)
# Nothing is collected for tests, and WhiteNoise would say so for each client.
STATIC_ROOT = None
CELERY_TASK_ALWAYS_EAGER = False
# One call of the sender is one slice.
SEND_LONG_SLICE_SECONDS = 0.0

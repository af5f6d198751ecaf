"""The product's settings with cheap passwords and captured mail; servers come from bin/test."""

import os
from urllib.parse import parse_qs, urlsplit


def redis_of_worker(url: str) -> str:
    """The address with a database for this xdist worker: one's clean slate is nobody else's.

    Workers count from the database that REDIS_URL names (2 when it names none), so that two suites
    at one server keep apart. The first process of a suite writes down where they begin, for its
    workers and their children find REDIS_URL already changed.
    """
    address = urlsplit(url)
    named = address.path.strip("/") if address.scheme != "unix" else ""
    named = named or parse_qs(address.query).get("db", [""])[0]
    begin = int(os.environ.setdefault("TEST_REDIS_BEGIN", named or "2"))
    number = begin + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
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

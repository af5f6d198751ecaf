"""Fixtures that every test may ask for: two companies, their people, clients, the sandbox."""

import gc
import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from core import scope
from sandbox.testing import Handle, start
from tenants.enums import Role
from tenants.models import Company, Person
from tests import databases

# All that a sandbox remembers; one test's accounts and faults are no other's.
EVERYTHING = ["ledger", "faults", "chats", "mail", "webhooks", "settings", "accounts"]


def pytest_itemcollected(item: pytest.Item) -> None:
    """What `bin/test fast` leaves to bin/test: whatever commits into a database of its own."""
    if "fresh_database" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.thorough)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector, which would walk all of it every few hundred
    tests and take a tenth of the run, leaves it alone."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(300_000, 50, 100)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, worker_id: str) -> Iterator[None]:
    """A copy of the template database for this worker (replaces pytest-django's own)."""
    name = f"test_{worker_id}_{os.getpid()}"
    with django_db_blocker.unblock():
        before = connection.settings_dict["NAME"]
        template = databases.ensure_template()
        databases.copy(template, name)
    yield
    with django_db_blocker.unblock():
        databases.drop(name)
        databases.use(before)


@pytest.fixture
def fresh_database(request: Any, django_db_blocker: Any, django_db_setup: None) -> Iterator[None]:
    """For tests that commit for real (several connections, other processes): a copy of their own.

    Use it instead of `db`; nothing is rolled back, the whole copy is thrown away afterwards.
    """
    with django_db_blocker.unblock(), databases.committing():
        yield


@pytest.fixture(scope="module")
def kept_database(django_db_blocker: Any, django_db_setup: None) -> Iterator[None]:
    """For what a module's tests read and need not build each for itself: a fixture of the module
    that asks for this may write it once. What a test changes is still undone after the test."""
    with django_db_blocker.unblock(), databases.undone():
        yield
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(scope="session")
def media_roots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for each test's files, not made before something is stored there."""
    base = tmp_path_factory.mktemp("media")
    return (base / str(number) for number in count())


@pytest.fixture(autouse=True)
def clean_slate(media_roots: Iterator[Path], settings: Any) -> Iterator[None]:
    """Files in a folder of the test's own; no cache, schema or company left from another test."""
    settings.MEDIA_ROOT = next(media_roots)
    settings.INGRESS_SPOOL_DIR = settings.MEDIA_ROOT / "spool"
    yield
    cache.clear()
    if connection.connection is not None:
        connection.set_schema_to_public()


@pytest.fixture
def aurora(db: None) -> Company:
    """A company, not entered: for tests that go through URLs."""
    return Company.objects.get(slug="aurora")


@pytest.fixture
def boreal(db: None) -> Company:
    """Another company, which must never see anything of Aurora."""
    return Company.objects.get(slug="boreal")


@pytest.fixture
def company(aurora: Company) -> Iterator[Company]:
    """Aurora with its scope open: for tests of services and selectors."""
    with scope.opened(aurora), scope.surroundings(aurora):
        yield aurora


@pytest.fixture
def other_company(boreal: Company) -> Company:
    return boreal


@pytest.fixture
def people(aurora: Company) -> dict[str, Person]:
    """Aurora's people, one of each role."""
    return {role: make_member(aurora, role) for role in Role.values}


@pytest.fixture
def owner(aurora: Company) -> Person:
    return make_member(aurora, Role.OWNER)


@pytest.fixture
def client_for() -> Callable[..., Client]:
    """`client_for(company, role)`: a browser signed in as somebody of that role."""

    def sign_in(company: Company, role: str = Role.OWNER) -> Client:
        client = Client()
        client.force_login(make_member(company, role))
        return client

    return sign_in


@pytest.fixture
def api_client() -> Callable[..., APIClient]:
    """`api_client(company, *scopes)`: a program with a key of that company (all scopes if none)."""
    from tenants.permissions import PERMISSIONS
    from tenants.services.api_keys import create_api_key

    def with_key(company: Company, *scopes: str) -> APIClient:
        with scope.public():
            _, secret = create_api_key(
                company=company, name="test", scopes=scopes or list(PERMISSIONS), by=None
            )
        return APIClient(headers={"Authorization": f"Api-Key {secret}"})

    return with_key


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Handle]:
    """The providers' stand-in, one process for each worker."""
    with start() as handle:
        yield handle


@pytest.fixture
def sandbox(sandbox_process: Handle, settings: Any) -> Handle:
    """The stand-in, empty, with the product pointed at it."""
    reset = sandbox_process.http.post("/_sandbox/reset", json={"what": EVERYTHING})
    reset.raise_for_status()
    settings.GRAPH_BASE_URL = f"{sandbox_process.url}/graph"
    settings.TWILIO_BASE_URL = f"{sandbox_process.url}/twilio"
    settings.KOMMO_BASE_URL = f"{sandbox_process.url}/kommo/{{subdomain}}"
    settings.KOMMO_OAUTH_URL = f"{sandbox_process.url}/kommo/oauth"
    settings.KOMMO_CLIENT_ID = "sandbox-kommo-client"
    settings.KOMMO_CLIENT_SECRET = "sandbox-kommo-secret"
    settings.SANDBOX_URL = sandbox_process.url
    settings.OUTBOUND_ALLOWED_PRIVATE = [sandbox_process.url.removeprefix("http://")]
    return sandbox_process


def make_member(company: Company, role: str) -> Person:
    """A verified person with that role in the company (the same one for the same role)."""
    from allauth.account.models import EmailAddress

    from tenants.services.memberships import add_member

    email = f"{role}@{company.slug}.example"
    with scope.public():
        person = Person.objects.filter(email=email).first()
        if person is None:
            name = f"{role.title()} {company.name}"
            person = Person.objects.create_user(
                email, "correct-horse-battery", name=name, language="en"
            )
            EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        add_member(company=company, person=person, role=role)
    return person

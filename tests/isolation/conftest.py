"""Two full companies, built once for a module; each test's changes are rolled back."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.template import Template
from django.test import Client, override_settings
from django.test.utils import _TestState as test_state

from tenants.models import Company, Person
from tests.databases import undone
from tests.isolation import world
from tests.isolation.checks import Rows, fingerprint, prepare_fingerprint
from tests.isolation.world import World

NO_PROVIDER = "127.0.0.1:1"  # nothing listens there: what asks a provider is refused at once
SignIn = Callable[[Person], Client]


class Worlds(NamedTuple):
    aurora: World
    boreal: World


def pytest_itemcollected(item: pytest.Item) -> None:
    """The walks ask every route as everybody: not while one works (`bin/test fast`)."""
    if "worlds" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.thorough)


@pytest.fixture(scope="module")
def worlds(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worlds]:
    """Aurora and Boreal with one of everything, in a transaction around the module's tests."""
    settings = override_settings(
        MEDIA_ROOT=tmp_path_factory.mktemp("media"),
        API_RATE_PER_SECOND=1e6,
        API_BURST=10**6,
        GRAPH_BASE_URL=f"http://{NO_PROVIDER}/graph",
        OUTBOUND_ALLOWED_PRIVATE=[NO_PROVIDER],
    )
    with django_db_blocker.unblock(), settings, unwatched(), transaction.atomic():
        worlds = Worlds(
            world.build(Company.objects.get(slug="aurora"), 1),
            world.build(Company.objects.get(slug="boreal"), 2),
        )
        prepare_fingerprint(worlds)
        yield worlds
        transaction.set_rollback(True)
    with django_db_blocker.unblock():
        connection.close()


@contextmanager
def unwatched() -> Iterator[None]:
    """The walks are refused ten thousand times: no refusal is written down as a warning, and no
    context of a template is copied for `response.context`, which none of them reads."""
    instrumented = Template._render
    Template._render = test_state.saved_data.template_render
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        Template._render = instrumented


@pytest.fixture(scope="module")
def untouched(worlds: Worlds, as_person: SignIn) -> Rows:
    """The fingerprint of both worlds, to hold against the one after a request."""
    return fingerprint()


@pytest.fixture(scope="module")
def as_person(worlds: Worlds) -> SignIn:
    """`as_person(person)`: their browser, signed in."""
    clients: dict[object, Client] = {}
    for person in [*worlds.aurora.people.values(), *worlds.boreal.people.values()]:
        clients[person.pk] = Client(raise_request_exception=False)
        clients[person.pk].force_login(person)
    return lambda person: clients[person.pk]


@pytest.fixture(autouse=True)
def clean_slate() -> Iterator[None]:
    """As for all tests, but the files of the worlds stay; a failing test spoils no other."""
    with undone() if connection.in_atomic_block else nullcontext():
        yield
    cache.clear()
    if connection.connection is not None:
        connection.set_schema_to_public()

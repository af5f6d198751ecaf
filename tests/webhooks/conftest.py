"""A connected number and the address its provider posts to."""

from collections.abc import Iterator

import pytest

from connections.models import Connection
from tenants.models import Company
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks.ingress import addresses
from webhooks.ingress.services import admission, keeping, spool


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """No outage, address or count of a disk is left from another test."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    spool._room.forget()
    keeping._outage.forget()
    addresses._remembered.clear()
    admission._shares.clear()
    admission._noted.clear()


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


@pytest.fixture
def address(company: Company, connection: Connection) -> str:
    return callbacks.an_address(company, connection)

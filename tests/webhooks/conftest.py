"""A connected number and the address its provider posts to."""

import pytest

from connections.models import Connection
from tenants.models import Company
from tests.messaging import factories
from tests.webhooks import callbacks


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


@pytest.fixture
def address(company: Company, connection: Connection) -> str:
    return callbacks.an_address(company, connection)

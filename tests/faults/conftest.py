"""A campaign at a running sandbox, in a database that other processes see."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from connections.models import Connection
from core import scope
from messaging.models import Stream
from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import rig
from tests.messaging import factories


@dataclass(frozen=True, slots=True)
class Campaign:
    """A started run, its number, and how many people it is for."""

    stream: Stream
    connection: Connection
    size: int


@pytest.fixture
def committed_company(fresh_database: None) -> Iterator[Company]:
    """Aurora with its scope open, and every write committed."""
    company = Company.objects.get(slug="aurora")
    with scope.opened(company), scope.surroundings(company):
        yield company


@pytest.fixture
def a_campaign(committed_company: Company, sandbox: Handle) -> Callable[..., Campaign]:
    """`a_campaign(size, rate)`: started, with no receipts coming by themselves."""

    def make(size: int, rate: int) -> Campaign:
        rig.set_sandbox(sandbox, delays={"sent": 600, "delivered": 600, "read": 600})
        connection = factories.a_connection(rate_per_second=rate)
        template = factories.a_template(connection)
        stream = factories.a_run(connection, template, size)
        factories.start(stream)
        return Campaign(stream, connection, size)

    return make

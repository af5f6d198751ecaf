"""A campaign at a running sandbox, in a database that other processes see."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from connections.models import Connection
from core import scope
from messaging.models import Stream
from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import audit, rig, tally
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
        with connection.cursor() as cursor:
            cursor.execute(audit.INSTALL)
        yield company


@pytest.fixture
def a_campaign(committed_company: Company, sandbox: Handle) -> Callable[..., Campaign]:
    """`a_campaign(size, rate)`: started, with no receipts coming by themselves."""

    def make(size: int, rate: int) -> Campaign:
        rig.set_sandbox(sandbox, delays={"sent": 600, "delivered": 600, "read": 600})
        number = factories.a_connection(rate_per_second=rate)
        template = factories.a_template(number)
        stream = factories.a_run(number, template, size)
        factories.start(stream)
        return Campaign(stream, number, size)

    return make


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What every scenario came to."""
    if not tally.is_empty():
        terminalreporter.section("faults")
        for line in tally.table():
            terminalreporter.write_line(line)

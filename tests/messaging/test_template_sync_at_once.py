"""A number that was just connected is read by a worker, and by whoever asks for it as well."""

import threading

import pytest
from django.db import connection as database

from core import scope
from messaging.models import Template
from messaging.services import template_sync
from sandbox.testing import Handle
from tenants.models import Company
from tests.connections.factories import connected


@pytest.mark.usefixtures("fresh_database")
def test_two_readings_at_once_write_each_template_once(sandbox: Handle) -> None:
    company = Company.objects.get(slug="aurora")
    with scope.opened(company):
        number = connected()
    ready, found = threading.Barrier(2), list[template_sync.Synced]()

    def read() -> None:
        try:
            with scope.opened(company):
                ready.wait()
                found.append(template_sync.sync(number))
        finally:
            database.close()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    with scope.opened(company):
        assert sorted(one.created for one in found) == [0, Template.objects.count()]

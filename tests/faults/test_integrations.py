"""Death between the page that was read and the place behind it: the next one reads it again, and
everybody is there once."""

import pytest
from django.db import connection, transaction

from crm.models import Contact
from integrations.enums import SyncState
from integrations.models import Integration, SyncRun
from integrations.services import connecting, syncing
from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import rig
from tests.integrations.conftest import SLUG, SUBDOMAIN, TOKEN

PEOPLE, PAGE = 260, 250
_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees them as they were
        cursor.execute(_WAITING)
        return bool(cursor.fetchone()[0])


@pytest.mark.faults
def test_a_reader_that_dies_with_a_page_in_its_hands_loses_and_repeats_nobody(
    committed_company: Company, sandbox: Handle
) -> None:
    contacts = [
        {"name": f"P{number}", "phone": f"+55119{80000000 + number}", "updated_at": 1 + number}
        for number in range(PEOPLE)
    ]
    steering = {"subdomain": SUBDOMAIN, "contacts": contacts, "rate": 0}
    sandbox.http.post("/_sandbox/kommo", json=steering).raise_for_status()
    more = {"KOMMO_BASE_URL": f"{sandbox.url}/kommo/{{subdomain}}", "KOMMO_RATE_PER_SECOND": "1000"}
    env = rig.environment(sandbox, **more)
    row = connecting.connect_by_key(slug=SLUG, values={"subdomain": SUBDOMAIN, "token": TOKEN})
    Integration.objects.update(next_sync_at=None)
    run = syncing.start(integration=row)
    assert syncing._page(row.pk)

    reader = rig.scanner(env)
    try:
        with transaction.atomic():
            SyncRun.objects.select_for_update().get(pk=run.pk)
            rig.until(somebody_waits, 30, "the reader did not come to its page's end")
            reader.kill()
    finally:
        reader.stop()
    run.refresh_from_db()
    assert (run.state, run.pages, run.created) == (SyncState.RUNNING, 1, PAGE)

    with rig.running(rig.scanner(env)):
        rig.until(
            lambda: SyncRun.objects.get(pk=run.pk).state != SyncState.RUNNING, 40, "it went not on"
        )
    run.refresh_from_db()
    assert (run.state, run.created, Contact.objects.count()) == (SyncState.DONE, PEOPLE, PEOPLE)

"""Reading another system: from where the last reading ended, page by page, and once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.errors import Conflict
from core.models import AgendaRow
from crm.models import Contact
from integrations.agenda import SYNC
from integrations.enums import IntegrationState, SyncState, SyncTrigger
from integrations.models import Integration, SyncRun
from integrations.providers.kommo import provider as kommo
from integrations.services import syncing
from tests.integrations.conftest import Stand, sync_all
from tests.webhooks.automations.factories import an_automation, hear, text
from webhooks.automations.models import Run


def people(count: int, *, first: int = 0, second: int = 1_700_000_000) -> list[dict[str, Any]]:
    return [
        {
            "name": f"Pessoa {number}",
            "phone": f"+55119{70000000 + number}",
            "updated_at": second + number,
        }
        for number in range(first, first + count)
    ]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kommo, "PAGE", 2)


def the_run() -> SyncRun:
    return SyncRun.objects.get()


def test_everybody_is_taken_over_page_by_page(
    integration: Integration, stand: Stand, small_pages: None
) -> None:
    stand.steer(contacts=people(5))
    syncing.start(integration=integration)
    sync_all(integration)
    run = the_run()
    assert (run.state, run.created, run.trigger) == (SyncState.DONE, 5, SyncTrigger.MANUAL)
    assert run.finished_at is not None
    names = set(Contact.objects.values_list("name", flat=True))
    assert names == {f"Pessoa {number}" for number in range(5)}


def test_more_in_one_second_than_a_page_holds_are_all_read(
    integration: Integration, stand: Stand, small_pages: None
) -> None:
    stand.steer(contacts=[{**one, "updated_at": 1_700_000_000} for one in people(7)])
    syncing.start(integration=integration)
    sync_all(integration)
    assert (the_run().state, the_run().created) == (SyncState.DONE, 7)


def test_the_next_reading_goes_on_where_the_last_one_ended(
    integration: Integration, stand: Stand
) -> None:
    stand.steer(contacts=people(3))
    syncing.start(integration=integration)
    sync_all(integration)
    stand.steer(contacts=people(1, first=3))
    integration.refresh_from_db()
    second = syncing.start(integration=integration)
    sync_all(integration)
    second.refresh_from_db()
    assert (second.created, second.unchanged) == (
        1,
        2,
    )


def test_a_page_whose_checkpoint_was_lost_is_read_again_and_changes_nothing(
    integration: Integration, stand: Stand, small_pages: None
) -> None:
    stand.steer(contacts=people(5))
    run = syncing.start(integration=integration)
    syncing._page(integration.pk)
    run.refresh_from_db()
    assert (run.created, run.pages) == (2, 1)
    SyncRun.objects.update(checkpoint={}, created=0, unchanged=0)
    sync_all(integration)
    run.refresh_from_db()
    assert (run.state, run.created, Contact.objects.count()) == (SyncState.DONE, 3, 5)


def test_who_was_overtaken_takes_nothing(integration: Integration, stand: Stand) -> None:
    stand.steer(contacts=people(2))
    run = syncing.start(integration=integration)
    page = kommo.Kommo().page(_access(integration), run.checkpoint)
    syncing.stop(integration=integration)
    syncing._take(run, page)
    assert Contact.objects.count() == 0
    assert the_run().state == SyncState.STOPPED


def test_a_time_that_was_missed_is_made_up_for_once(integration: Integration) -> None:
    Integration.objects.update(next_sync_at=timezone.now() - timedelta(days=3))
    sync_all(integration)
    sync_all(integration)
    integration.refresh_from_db()
    assert [run.trigger for run in SyncRun.objects.all()] == [SyncTrigger.SCHEDULE]
    assert integration.next_sync_at is not None
    left = integration.next_sync_at - timezone.now()
    assert timedelta(hours=5, minutes=59) < left <= timedelta(hours=6)
    [due] = syncing.due(str(integration.pk))
    assert due == (str(integration.pk), integration.next_sync_at)
    rows = AgendaRow.objects.filter(kind=SYNC, due_at=integration.next_sync_at)
    assert rows.exists()


def test_one_at_a_time_and_only_while_connected(integration: Integration) -> None:
    syncing.start(integration=integration)
    with pytest.raises(Conflict) as refused:
        syncing.start(integration=integration)
    assert refused.value.code == "sync_running"
    integration.state = IntegrationState.STOPPED
    with pytest.raises(Conflict) as refused:
        syncing.start(integration=integration)
    assert refused.value.code == "not_connected"


def test_an_error_is_tried_again_and_then_said(integration: Integration, stand: Stand) -> None:
    stand.fault("500_json", times=0, when={"path": "/contacts"})
    syncing.start(integration=integration)
    for attempt in range(syncing.MAX_ATTEMPTS):
        assert the_run().attempts == attempt
        SyncRun.objects.update(due_at=timezone.now())
        sync_all(integration)
    run = the_run()
    assert run.state == SyncState.FAILED
    assert run.error.startswith("server_error")
    integration.refresh_from_db()
    assert integration.watermark == {}


def test_a_429_is_waited_out_where_it_was(
    integration: Integration, stand: Stand, small_pages: None
) -> None:
    stand.steer(contacts=people(4))
    run = syncing.start(integration=integration)
    syncing._page(integration.pk)
    stand.fault("429", times=1, retry_after=20, when={"path": "/contacts"})
    sync_all(integration)
    run.refresh_from_db()
    assert (run.state, run.pages) == (SyncState.RUNNING, 1)
    assert run.due_at > timezone.now() + timedelta(seconds=15)
    SyncRun.objects.update(due_at=timezone.now())
    Integration.objects.update(blocked_until=None)
    sync_all(integration)
    run.refresh_from_db()
    assert (run.state, run.created) == (SyncState.DONE, 4)


def test_access_that_was_taken_back_ends_the_reading(
    integration: Integration, stand: Stand
) -> None:
    stand.steer(revoke=True)
    syncing.start(integration=integration)
    sync_all(integration)
    integration.refresh_from_db()
    assert (the_run().state, integration.state) == (SyncState.FAILED, IntegrationState.STOPPED)


def _access(integration: Integration) -> Any:
    from integrations.services import tokens

    return tokens.access_to(integration.pk)


def test_a_character_that_we_cannot_store_is_left_out(
    integration: Integration, stand: Stand
) -> None:
    odd = {"name": "An\0a", "phone": "+5511987654321", "tags": ["V\0IP"], "updated_at": 5}
    stand.steer(contacts=[odd])
    syncing.start(integration=integration)
    sync_all(integration)
    assert the_run().state == SyncState.DONE
    person = Contact.objects.get()
    assert (person.name, [tag.name for tag in person.tags.all()]) == ("Ana", ["VIP"])


def test_a_first_reading_welcomes_nobody(integration: Integration, stand: Stand) -> None:
    an_automation(text("Bem-vindo"), on=["contact.created"])
    stand.steer(contacts=people(2))
    syncing.start(integration=integration)
    sync_all(integration)
    hear()
    assert (Contact.objects.count(), Run.objects.count()) == (2, 0)
    later = int(timezone.now().timestamp()) + 60
    stand.steer(contacts=people(1, first=2, second=later))
    integration.refresh_from_db()
    syncing.start(integration=integration)
    sync_all(integration)
    hear()
    assert (Contact.objects.count(), Run.objects.count()) == (3, 1)


def test_while_the_account_asks_to_wait_a_reading_comes_back_then(
    integration: Integration,
) -> None:
    until = timezone.now() + timedelta(minutes=15)
    syncing.start(integration=integration)
    Integration.objects.update(blocked_until=until)
    assert syncing.due(str(integration.pk)) == [(str(integration.pk), until)]

"""What has to be told to another system, as rows."""

import pytest

from core.errors import Conflict, Invalid
from core.models import AgendaRow
from integrations.agenda import PUSH
from integrations.enums import IntegrationState, PushState
from integrations.models import Integration, Push
from integrations.services import queueing
from tests.crm.factories import a_contact


def test_a_contact_that_changes_often_waits_once(integration: Integration) -> None:
    person, other = a_contact(), a_contact()
    for _ in range(3):
        queueing.send_contact(integration=integration, contact=person)
    queueing.send_contact(integration=integration, contact=other)
    assert Push.objects.count() == 2
    assert AgendaRow.objects.filter(kind=PUSH, key=str(integration.pk)).exists()


def test_what_changes_while_it_is_sent_is_sent_once_more(integration: Integration) -> None:
    person = a_contact()
    queueing.send_contact(integration=integration, contact=person)
    Push.objects.update(attempts=1)  # a worker has it
    queueing.send_contact(integration=integration, contact=person)
    assert Push.objects.filter(state=PushState.WAITING).count() == 2


def test_a_note_is_kept_once_for_its_key(integration: Integration) -> None:
    person = a_contact()
    for key in ("a:0", "a:0", "a:1"):
        queueing.send_note(integration=integration, contact=person, text="olá", key=key)
    assert Push.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [({"text": "  "}, "text"), ({"text": "x" * 20_001}, "text"), ({"sight": "loud"}, "sight")],
)
def test_what_is_no_note_is_refused(
    integration: Integration, more: dict[str, str], field: str
) -> None:
    note = {"text": "olá", "key": "k", **more}
    with pytest.raises(Invalid) as refused:
        queueing.send_note(integration=integration, contact=a_contact(), **note)
    assert list(refused.value.errors) == [field]


def test_nothing_is_queued_for_who_is_not_connected_but_a_stopped_one_gathers(
    integration: Integration,
) -> None:
    integration.state = IntegrationState.STOPPED
    queueing.send_contact(integration=integration, contact=a_contact())
    integration.state = IntegrationState.DISCONNECTED
    with pytest.raises(Conflict) as refused:
        queueing.send_contact(integration=integration, contact=a_contact())
    assert refused.value.code == "not_connected"
    assert Push.objects.count() == 1


def test_only_what_failed_is_sent_again_and_looks_first(integration: Integration) -> None:
    queueing.send_note(integration=integration, contact=a_contact(), text="olá", key="k")
    with pytest.raises(Conflict) as refused:
        queueing.retry(push=Push.objects.get())
    assert refused.value.code == "not_failed"
    Push.objects.update(state=PushState.FAILED, attempts=7, code="refused", error="x")
    assert queueing.retry_failed(integration=integration) == 1
    push = Push.objects.get()
    assert (push.state, push.attempts, push.code) == (PushState.WAITING, 1, "")

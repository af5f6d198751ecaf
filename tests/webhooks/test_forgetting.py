"""What providers posted ends, read or not; what still waits does not."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from core import scope
from core.agenda import slices
from core.ids import first_uuid7, uuid7
from core.models import AgendaRow
from webhooks.ingress.agenda import FORGET
from webhooks.ingress.enums import EnvelopeState, ParkedReason
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.ingress.services import forgetting
from webhooks.ingress.tasks import forget_old

pytestmark = pytest.mark.django_db


def an_envelope(days: int, state: EnvelopeState) -> Envelope:
    at = first_uuid7(timezone.now() - timedelta(days=days)).int
    return Envelope.objects.create(
        id=uuid.UUID(int=at | (uuid7().int & ((1 << 80) - 1))),
        provider="whatsapp_cloud", sha256=uuid7().hex * 2, body=b"{}", state=state,
    )  # fmt: skip


def parked(envelope: Envelope) -> None:
    ParkedItem.objects.create(
        envelope=envelope, provider="whatsapp_cloud", reason=ParkedReason.UNKNOWN_NUMBER, item={}
    )


@pytest.mark.parametrize("state", [EnvelopeState.DEAD, EnvelopeState.SPLIT])
def test_old_envelopes_go_with_what_is_parked_of_them(state: EnvelopeState) -> None:
    with scope.public():
        old, young = an_envelope(91, state), an_envelope(89, state)
        parked(old)
        parked(young)
        assert len(list(forgetting.due(None))) == 1
        forgetting.forget_old()
        assert list(Envelope.objects.values_list("pk", flat=True)) == [young.pk]
        assert list(ParkedItem.objects.values_list("envelope", flat=True)) == [young.pk]
        assert list(forgetting.due(None)) == []


def test_what_still_waits_to_be_split_stays() -> None:
    with scope.public():
        an_envelope(400, EnvelopeState.RECEIVED)
        forgetting.forget_old()
        assert Envelope.objects.count() == 1


def test_a_slice_that_is_over_leaves_the_rest_to_the_agenda(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 1)
    monkeypatch.setattr(slices, "SECONDS", 0.0)
    with scope.public():
        for days in (91, 92):
            an_envelope(days, EnvelopeState.DEAD)
        forgetting.forget_old()
        assert Envelope.objects.count() == 1
        assert AgendaRow.objects.filter(kind=FORGET).exists()


def test_the_clock_asks_for_it() -> None:
    forget_old()
    assert AgendaRow.objects.filter(kind=FORGET, schema="public").exists()

"""Envelopes: kept once, split all or nothing, given up when they kill."""

from typing import Any

import pytest
from django.db.models import F

from core import scope
from core.models import AgendaRow
from tenants.models import Company
from tests.webhooks import callbacks
from webhooks.ingress.agenda import SPLIT
from webhooks.ingress.enums import EnvelopeState
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.ingress.services import delivery, envelopes


def waiting() -> list[Any]:
    return list(envelopes.due(None))


def test_the_same_bytes_are_one_envelope_and_one_errand(db: None) -> None:
    first = envelopes.store(provider="whatsapp_cloud", body=b"{}", route=None)
    errands = AgendaRow.objects.filter(kind=SPLIT).count()
    again = envelopes.store(provider="whatsapp_cloud", body=b"{}", route=None)

    assert again == first
    assert Envelope.objects.get().seen == 2
    assert AgendaRow.objects.filter(kind=SPLIT).count() == errands


def test_an_envelope_is_due_until_it_is_split(db: None) -> None:
    assert waiting() == []
    envelopes.store(provider="whatsapp_cloud", body=b"{}", route=None)
    assert waiting() == [("", Envelope.objects.get().due_at)]

    envelopes.split("")

    assert waiting() == []


def test_a_split_that_fails_keeps_the_bytes_and_says_why(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(envelope: Envelope, items: Any) -> None:
        ParkedItem.objects.create(envelope=envelope, provider="x", reason="unreadable", item={})
        message = "boom"
        raise RuntimeError(message)

    monkeypatch.setattr(delivery, "hand_over", fails)
    envelopes.store(provider="whatsapp_cloud", body=b"{}", route=None)
    envelopes.split("")

    kept = Envelope.objects.get()
    assert (kept.state, bytes(kept.body or b""), kept.error) == (
        EnvelopeState.RECEIVED,
        b"{}",
        "RuntimeError: boom",
    )
    assert not ParkedItem.objects.exists()


def test_only_hash_and_counts_of_the_envelope_stay(address: str, company: Company) -> None:
    callbacks.post(
        address, callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))
    )
    callbacks.work(company)

    with scope.public():
        stored = Envelope.objects.get()
    assert (stored.state, stored.items, stored.body) == (EnvelopeState.SPLIT, 1, None)


def test_a_poisonous_envelope_is_given_up_after_five_deaths(address: str) -> None:
    callbacks.post(
        address, callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))
    )
    with scope.public():
        for _ in range(6):
            Envelope.objects.update(due_at=F("received_at"))
            envelopes._take()  # taken, and then the worker dies
        assert Envelope.objects.get().state == EnvelopeState.DEAD

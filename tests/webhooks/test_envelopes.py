"""Envelopes: kept once, split all or nothing, given up when they kill."""

from typing import Any

import pytest
from django.db.models import F

from core import scope
from core.models import AgendaRow
from messaging.models import OrphanReceipt
from tenants.models import Company
from tests.webhooks import callbacks
from webhooks.enums import ItemState
from webhooks.ingress.agenda import SPLIT
from webhooks.ingress.enums import EnvelopeState
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.ingress.services import delivery, envelopes
from webhooks.models import Item


def waiting() -> list[Any]:
    return list(envelopes.due(None))


def test_the_same_bytes_are_one_envelope_and_one_errand(db: None) -> None:
    first = envelopes.store(provider="whatsapp_cloud", body=b"{}", route=None)
    errands = AgendaRow.objects.filter(kind=SPLIT).count()
    again = envelopes.store(provider="whatsapp_cloud", body=b"{}", route=None)

    assert again == first
    assert Envelope.objects.get().seen == 2
    assert AgendaRow.objects.filter(kind=SPLIT).count() == errands


def test_callbacks_stored_together_are_one_errand_and_the_same_ones_one_envelope(
    db: None,
) -> None:
    told = envelopes.store(provider="whatsapp_cloud", body=b"{}", route=None)
    AgendaRow.objects.filter(kind=SPLIT).delete()
    again = envelopes.Arrived("whatsapp_cloud", Envelope.objects.get().sha256, None)
    other = envelopes.Arrived("whatsapp_cloud", "f" * 64, None)
    elsewhere = envelopes.Arrived("twilio_sms", "f" * 64, None)

    ids = envelopes.store_many(
        [(other, b"[1]"), (again, b"{}"), (other, b"[1]"), (elsewhere, b"[1]")]
    )

    assert ids[1] == told
    assert ids[0] == ids[2]
    kept = {row.pk: (row.seen, bytes(row.body or b"")) for row in Envelope.objects.all()}
    assert kept == {told: (2, b"{}"), ids[0]: (2, b"[1]"), ids[3]: (1, b"[1]")}
    assert AgendaRow.objects.filter(kind=SPLIT).count() == 1


def test_an_envelope_is_due_until_it_is_split(db: None) -> None:
    assert waiting() == []
    envelopes.store(provider="whatsapp_cloud", body=b"{}", route=None)
    assert waiting() == [("", Envelope.objects.get().due_at)]

    envelopes.split("")

    assert waiting() == []


def test_a_split_that_fails_keeps_the_bytes_and_says_why(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(opened: Any, *, at_once: bool) -> None:
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


def test_a10_a_poisonous_envelope_is_given_up_after_five_deaths(address: str) -> None:
    callbacks.post(
        address, callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))
    )
    with scope.public():
        for death in range(5):
            Envelope.objects.update(due_at=F("received_at"))
            # Taken, and then the worker dies.
            assert len(envelopes._take(fresh=death == 0, limit=10)) == 1
        Envelope.objects.update(due_at=F("received_at"))
        envelopes.split("")
        assert Envelope.objects.get().state == EnvelopeState.DEAD


def test_what_killed_its_worker_is_handed_over_alone_and_waits_in_rows_of_its_own(
    address: str, company: Company
) -> None:
    post_statuses(address, "wamid.1", "wamid.2")
    with scope.public():
        envelopes._take(fresh=True, limit=10)
        Envelope.objects.update(due_at=F("received_at"))
        envelopes.split("")

    assert sorted(Item.objects.values_list("position", "kind", "state")) == [
        (0, "status", ItemState.RECEIVED),
        (1, "status", ItemState.RECEIVED),
    ]


def test_many_envelopes_are_handed_over_together(address: str, company: Company) -> None:
    for number in range(5):
        post_statuses(address, f"wamid.{number}")
    with scope.public():
        envelopes.split("")
        assert set(Envelope.objects.values_list("state", "items")) == {(EnvelopeState.SPLIT, 1)}

    assert set(Item.objects.values_list("kind", "state")) == {("statuses", ItemState.PROCESSED)}
    assert OrphanReceipt.objects.count() == 5


def test_one_bad_envelope_keeps_none_of_its_neighbours(
    address: str, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = delivery.hand_over

    def fails_for_one(opened: Any, *, at_once: bool) -> Any:
        if any(item.external_id == "wamid.bad" for one in opened for item in one.items):
            message = "boom"
            raise RuntimeError(message)
        return hand_over(opened, at_once=at_once)

    monkeypatch.setattr(delivery, "hand_over", fails_for_one)
    for name in ("one", "bad", "two"):
        post_statuses(address, f"wamid.{name}")
    with scope.public():
        envelopes.split("")
        states = Envelope.objects.order_by("received_at").values_list("state", flat=True)
        assert list(states) == [EnvelopeState.SPLIT, EnvelopeState.RECEIVED, EnvelopeState.SPLIT]


def test_a_batch_is_as_large_as_its_bytes_allow(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        envelopes.store(provider="whatsapp_cloud", body=b"{}%d" % number, route=None)
    monkeypatch.setattr(envelopes, "BATCH_BYTES", 1)
    assert len(envelopes._take(fresh=True, limit=10)) == 1
    monkeypatch.setattr(envelopes, "BATCH_BYTES", 100)
    assert len(envelopes._take(fresh=True, limit=10)) == 2


def post_statuses(address: str, *wamids: str) -> None:
    statuses = [callbacks.status(wamid, "delivered") for wamid in wamids]
    callbacks.post(address, callbacks.envelope(callbacks.change(statuses=statuses)))


def test_c8_whatever_json_can_hold_is_handed_over(address: str, company: Company) -> None:
    weird = [
        b'{"entry":[{"id":"1","changes":[{"field":"x","value":{"n":%s}}]}]}' % number
        for number in (b"9" * 5000, b"18446744073709551616", b"1e400", b"-0.0")
    ]
    for body in [*weird, b"\x00", b"[" * 20_000, b'{"entry":[null,1,"\\u0000"]}']:
        callbacks.post(address, body)
    with scope.public():
        envelopes.split("")
        assert set(Envelope.objects.values_list("state", "error")) == {(EnvelopeState.SPLIT, "")}


def test_a_worker_is_told_by_the_last_of_those_who_store_and_now_and_then(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    busy = [True]
    monkeypatch.setattr(envelopes.agenda, "wake", told.append)
    monkeypatch.setattr(type(envelopes._store_one), "has_waiting", lambda self: busy[0])
    monkeypatch.setattr(envelopes._errand, "_at", 0.0)

    def comes(number: int) -> int:
        envelopes.store(provider="whatsapp_cloud", body=b"%d" % number, route=None)
        return len(told)

    assert [comes(number) for number in range(3)] == [1, 1, 1]  # others wait, and just told
    busy[0] = False
    assert comes(3) == 2
    envelopes.store(provider="whatsapp_cloud", body=b"3", route=None)  # not a new one
    assert len(told) == 2
    busy[0] = True
    monkeypatch.setattr(envelopes._errand, "_at", 0.0)  # a while ago
    assert comes(4) == 3

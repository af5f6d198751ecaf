"""One POST of Meta's over two companies: everything whole lands, each in its own company, once."""

import json
from collections import Counter
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from core import scope
from messaging.enums import Direction, Rank
from messaging.models import Message, OrphanReceipt
from tests.isolation.checks import fingerprint
from tests.isolation.conftest import Worlds
from tests.isolation.world import World
from tests.webhooks import callbacks
from webhooks.enums import ItemState
from webhooks.ingress.enums import EnvelopeState, ParkedReason
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.ingress.services import envelopes
from webhooks.models import Item
from webhooks.services import processing

SECRET = "platform-app-secret"
NOBODYS_NUMBER = "999999999999999"
MALFORMED = "not a message"
HOLOGRAM = {"id": "wamid.hologram", "type": "hologram", "hologram": {"depth": 3}}


@pytest.fixture(autouse=True)
def platform_app(settings: Any) -> None:
    settings.META_APP_SECRET = SECRET


def entry(world: World, *changes: dict[str, Any]) -> dict[str, Any]:
    return {"id": world.things["connection"].account_id, "changes": list(changes)}


def on(world: World, **value: Any) -> dict[str, Any]:
    """A change at the company's number."""
    return callbacks.change(world.things["connection"].external_id, **value)


def text(wamid: str, body: str) -> dict[str, Any]:
    return {**callbacks.text(wamid, body, "5521988880000"), "timestamp": "1760000000"}


def status(world: World, kind: str) -> dict[str, Any]:
    told = callbacks.status(world.things["message"].external_id, kind)
    return {**told, "timestamp": "1760000000"}


def batch(worlds: Worlds) -> bytes:
    """Three entries: Aurora, Boreal with a stray number and Aurora's status, Aurora again."""
    aurora, boreal = worlds
    first = text("wamid.a1", "to Aurora")
    entries = [
        entry(aurora, on(aurora, messages=[first, first, MALFORMED, text("wamid.a2", "again")])),
        entry(
            boreal,
            on(boreal, messages=[text("wamid.b1", "to Boreal")]),
            callbacks.change(NOBODYS_NUMBER, messages=[text("wamid.n1", "to nobody")]),
            # Aurora's message, told at Boreal's number: nobody's business there.
            on(boreal, statuses=[status(aurora, "read"), status(boreal, "read")]),
            {"field": "brand_new_field", "value": {"anything": 1}},
        ),
        entry(
            aurora,
            on(aurora, messages=[first, {**HOLOGRAM, **sender()}]),
            on(aurora, statuses=[status(aurora, "delivered"), status(aurora, "delivered")]),
        ),
    ]
    return json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()


def sender() -> dict[str, str]:
    return {"from": "5521988880000", "timestamp": "1760000000"}


def post(body: bytes, signature: str | None = None) -> HttpResponse:
    given = callbacks.signature(body, SECRET) if signature is None else signature
    return Client().post(
        "/webhooks/meta/",
        data=body,
        content_type="application/json",
        headers={"X-Hub-Signature-256": given} if given else {},
    )


def work(worlds: Worlds) -> None:
    """What the workers do afterwards."""
    envelopes.split("")
    for world in worlds:
        with scope.opened(world.company):
            processing.process("")


def received(world: World) -> dict[str, str]:
    """The texts that people wrote in this test, by the provider's id."""
    with scope.opened(world.company):
        rows = Message.objects.filter(direction=Direction.IN, external_id__startswith="wamid.")
        return {
            row.external_id: row.content.get("text", row.kind)
            for row in rows
            if not row.external_id.startswith("wamid.in.")
        }


def rank_of(world: World) -> int:
    with scope.opened(world.company):
        return Message.objects.get(pk=world.things["message"].pk).rank


def states(world: World) -> Counter[str]:
    with scope.opened(world.company):
        new = Item.objects.exclude(pk=world.things["item"].pk)
        return Counter(new.values_list("state", flat=True))


def test_everything_whole_lands_in_the_right_company(worlds: Worlds) -> None:
    assert post(batch(worlds)).status_code == 200
    work(worlds)
    aurora, boreal = worlds
    assert received(aurora) == {
        "wamid.a1": "to Aurora",
        "wamid.a2": "again",
        "wamid.hologram": "unknown",
    }
    assert received(boreal) == {"wamid.b1": "to Boreal"}
    assert (rank_of(aurora), rank_of(boreal)) == (Rank.DELIVERED, Rank.READ)
    with scope.opened(boreal.company):  # Aurora's receipt waits at Boreal, as any unknown id
        orphans = OrphanReceipt.objects.exclude(external_id__startswith="wamid.orphan")
        assert [orphan.external_id for orphan in orphans] == [aurora.things["message"].external_id]


def test_what_is_nobodys_or_unreadable_is_kept_in_sight(worlds: Worlds) -> None:
    post(batch(worlds))
    work(worlds)
    new = ParkedItem.objects.exclude(pk__in=[world.things["parked"].pk for world in worlds])
    parked = Counter(new.values_list("external_id", "reason"))
    assert parked[(NOBODYS_NUMBER, ParkedReason.UNKNOWN_NUMBER)] == 1
    assert states(worlds.aurora)[ItemState.DEAD] == 1  # the malformed one
    assert states(worlds.aurora)[ItemState.RETRY] + states(worlds.boreal)[ItemState.RETRY] == 0
    [envelope] = Envelope.objects.exclude(pk__in=[w.things["envelope"].pk for w in worlds])
    assert (envelope.state, envelope.body) == (EnvelopeState.SPLIT, None)


def test_the_same_post_again_changes_nothing(worlds: Worlds) -> None:
    post(batch(worlds))
    work(worlds)
    before = [row for row in fingerprint() if not row[0].endswith("ingress_envelope")]
    agenda_free = [row for row in before if not row[0].endswith(".agenda")]
    assert post(batch(worlds)).status_code == 200
    work(worlds)
    after = [row for row in fingerprint() if row[0] in {r[0] for r in agenda_free}]
    assert after == agenda_free
    [envelope] = Envelope.objects.exclude(pk__in=[w.things["envelope"].pk for w in worlds])
    assert envelope.seen == 2


def test_the_same_items_in_another_post_change_no_message(worlds: Worlds) -> None:
    """Meta repeats items in fresh envelopes: other bytes, the same wamids."""
    post(batch(worlds))
    work(worlds)
    kept = [received(world) for world in worlds], [rank_of(world) for world in worlds]
    with scope.opened(worlds.aurora.company):
        count = Message.objects.count()
    post(batch(worlds) + b" ")
    work(worlds)
    assert ([received(world) for world in worlds], [rank_of(world) for world in worlds]) == kept
    with scope.opened(worlds.aurora.company):
        assert Message.objects.count() == count


@pytest.mark.parametrize("kind", ["wrong secret", "one bit", "missing", "sha1", "other body"])
def test_a_wrong_signature_changes_nothing(worlds: Worlds, kind: str) -> None:
    body = batch(worlds)
    right = callbacks.signature(body, SECRET)
    given = {
        "wrong secret": callbacks.signature(body, "guess"),
        "one bit": right[:-1] + ("0" if right[-1] != "0" else "1"),
        "missing": "",
        "sha1": right.replace("sha256=", "sha1="),
        "other body": callbacks.signature(body + b" ", SECRET),
    }[kind]
    before = fingerprint()
    assert post(body, given).status_code in (401, 403)
    work(worlds)
    assert fingerprint() == before


def test_a_companys_own_address_takes_only_its_own_numbers(worlds: Worlds) -> None:
    """Whoever has Boreal's app secret cannot write into Aurora."""
    body = batch(worlds)
    before = received(worlds.aurora)
    url = f"/webhooks/meta/{worlds.boreal.things['connection'].webhook_token}/"
    answer = callbacks.post(url, body, secret="the-app-secret")
    assert answer.status_code == 200
    work(worlds)
    assert received(worlds.boreal) == {"wamid.b1": "to Boreal"}
    assert (received(worlds.aurora), rank_of(worlds.aurora)) == (before, Rank.DELIVERED)

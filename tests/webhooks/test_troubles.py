"""What the superadmin is told of the ingress: once while it lasts, and that it is over."""

from pathlib import Path
from typing import Any

from django.contrib.admin.sites import site
from django.contrib.messages.storage.base import BaseStorage
from django.test import RequestFactory

from core.models import AgendaRow
from tenants.models import IncidentRollup
from webhooks.ingress.agenda import SPLIT
from webhooks.ingress.enums import EnvelopeState
from webhooks.ingress.models import Envelope
from webhooks.ingress.services import envelopes, troubles


def standing() -> list[tuple[str, int]]:
    rows = IncidentRollup.objects.filter(closed_at=None, company=None).order_by("kind")
    return list(rows.values_list("kind", "times"))


def test_each_trouble_is_one_incident_until_it_is_mended(db: None, settings: Any) -> None:
    folder = Path(settings.INGRESS_SPOOL_DIR)
    folder.mkdir(parents=True)
    envelopes.store(provider="whatsapp_cloud", body=b"{}", route=None)
    Envelope.objects.update(state=EnvelopeState.DEAD)
    for name in ("1-a-2.spool", "2-b-1.corrupt"):
        (folder / name).write_text("")

    troubles.look()
    troubles.look()
    assert standing() == [
        (troubles.DEAD, 2),
        (troubles.CORRUPT, 2),
        (troubles.SPOOLED, 2),
    ]

    for path in folder.iterdir():
        path.unlink()
    envelopes.try_again(list(Envelope.objects.values_list("pk", flat=True)))
    troubles.look()
    assert standing() == []


def test_a10_what_was_given_up_is_tried_again_by_hand(db: None) -> None:
    dead = envelopes.store(provider="whatsapp_cloud", body=b"{}", route=None)
    waits = envelopes.store(provider="whatsapp_cloud", body=b"[]", route=None)
    Envelope.objects.filter(pk=dead).update(state=EnvelopeState.DEAD, attempts=6, error="boom")
    AgendaRow.objects.filter(kind=SPLIT).delete()
    admin = site.get_model_admin(Envelope)
    request = RequestFactory().post("/")
    said: list[str] = []
    request._messages = Saying(request, said)  # type: ignore[attr-defined]

    admin.try_again(request, Envelope.objects.all())

    assert len(said) == 1
    assert set(Envelope.objects.values_list("pk", "state", "attempts", "error")) == {
        (dead, EnvelopeState.RECEIVED, 0, ""),
        (waits, EnvelopeState.RECEIVED, 0, ""),
    }
    assert AgendaRow.objects.filter(kind=SPLIT).count() == 1
    envelopes.split("")
    assert set(Envelope.objects.values_list("state", flat=True)) == {EnvelopeState.SPLIT}


class Saying(BaseStorage):
    """Messages to a person, kept for the test."""

    def __init__(self, request: Any, said: list[str]) -> None:
        super().__init__(request)
        self.said = said

    def add(self, level: int, message: str, extra_tags: str = "") -> None:
        self.said.append(str(message))

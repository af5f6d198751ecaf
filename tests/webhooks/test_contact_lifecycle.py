"""Who is erased is not named by what a source told of them."""

from django.db import transaction
from django.utils import timezone

from core.ids import uuid7
from crm.traces import Subject, places
from events import bus
from events.models import Event
from tenants.models import Company
from webhooks.sources.events import PurchaseApproved


def told(phone: str, name: str) -> Event:
    fact = PurchaseApproved(
        source_id=uuid7(),
        received_id=uuid7(),
        key=f"order of {phone}",
        phone=phone,
        name=name,
        order_id="PED-1",
        amount=9_900,
        fields={"cpf": "1"},
    )
    with transaction.atomic():
        return bus.publish(fact)


def test_what_a_source_told_of_somebody_keeps_its_ids_and_loses_its_words(
    company: Company,
) -> None:
    gone, other = told("+5511987654321", "Ana Souza"), told("+5511912345678", "Bia Lima")
    subject = Subject((), ("+5511987654321",), ("Ana Souza",), timezone.now())
    [place] = [one for one in places() if one.name.endswith("SourceFact")]
    assert place.erase(subject, "").count == 1
    gone.refresh_from_db(), other.refresh_from_db()
    assert {key: gone.data[key] for key in ("name", "phone", "key", "fields", "order_id")} == {
        "name": "",
        "phone": "",
        "key": "",
        "fields": {},
        "order_id": "PED-1",
    }
    assert (gone.data["amount"], other.data["name"]) == (9_900, "Bia Lima")

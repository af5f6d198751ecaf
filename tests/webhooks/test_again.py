"""What was given up or handled is put back to where it came in."""

from datetime import timedelta

from django.utils import timezone

from core.ids import uuid7
from tenants.models import Company
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services.again import handle_again


def test_the_first_attempt_is_due_now_and_it_is_counted(company: Company) -> None:
    given_up = {
        "position": 0, "provider": "test", "kind": "message", "key": "a", "data": {},
        "state": ItemState.DEAD, "attempts": 6, "error": "x",
        "due_at": timezone.now() + timedelta(hours=1),
    }  # fmt: skip
    meant, other = (Item.objects.create(envelope_id=uuid7(), **given_up) for _ in range(2))
    assert handle_again(Item.objects.filter(pk=meant.pk)) == 1
    meant.refresh_from_db()
    other.refresh_from_db()
    assert (meant.state, meant.attempts, meant.error, meant.replayed) == ("received", 0, "", 1)
    assert meant.due_at <= timezone.now()
    assert (other.state, other.attempts, other.replayed) == ("dead", 6, 0)

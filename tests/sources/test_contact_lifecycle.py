"""Who is erased is not named by what was posted of them, also where nobody could read it."""

from django.utils import timezone

from core.ids import uuid7
from crm.traces import Subject, places
from tenants.models import Company
from webhooks.sources.enums import ReceivedState, Unreadable
from webhooks.sources.models import Received, Source


def unread(source: Source, raw: bytes) -> Received:
    return Received.objects.create(
        source=source,
        envelope_id=uuid7(),
        raw=raw,
        sha256="0" * 64,
        unreadable=Unreadable.NOT_JSON,
        state=ReceivedState.IGNORED,
    )


def test_bytes_that_nobody_could_read_are_emptied_too(company: Company, source: Source) -> None:
    theirs = [
        unread(source, "{nome: Ção, fone: 5511987654321}".encode("latin-1")),
        unread(source, b"\xff\xfe ana@example.com"),
    ]
    other = unread(source, b"{fone: 5511912345678}")
    subject = Subject((), ("+5511987654321", "ana@example.com"), (), timezone.now())
    [place] = [one for one in places() if one.name == "sources.Received.said"]
    assert place.erase(subject, "").count == 2
    for one in theirs:
        one.refresh_from_db()
        assert (bytes(one.raw), one.data) == (b"", {"erased": True})
    other.refresh_from_db()
    assert bytes(other.raw) == b"{fone: 5511912345678}"

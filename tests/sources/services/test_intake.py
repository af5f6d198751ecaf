"""Posts come in once, whatever is repeated."""

from datetime import timedelta

from django.utils import timezone

from core.ids import uuid7
from tenants.models import Company, Route
from tests.sources import posting
from webhooks.ingress.takers import Taken
from webhooks.sources.models import Received, Source
from webhooks.sources.posts import Post, pack, unpack
from webhooks.sources.services import intake


def taken(source: Source, body: bytes) -> Taken:
    route = Route.objects.get(external_id=source.token)
    return Taken(uuid7(), route, timezone.now(), pack(Post(body=body, content_type="text/x")))


def test_the_same_envelope_again_changes_nothing(company: Company, source: Source) -> None:
    one = taken(source, b"{}")
    intake.accept([one])
    intake.accept([one])
    assert Received.objects.count() == 1


def test_what_comes_for_nobody_is_dropped(company: Company, source: Source) -> None:
    one = taken(source, b"{}")
    intake.take([Taken(one.id, None, one.received_at, one.body)])
    Source.objects.all().delete()
    intake.accept([one])
    assert not Received.objects.exists()


def test_a_packed_post_keeps_its_bytes_and_drops_what_is_secret() -> None:
    headers = {"user-agent": "shop", "authorization": "Bearer secret", "x-shopify-topic": "a/b"}
    told = unpack(pack(Post(b"\n\x00{}\n", "a/b", headers, {"token": "secret"})))
    assert told.body == b"\n\x00{}\n"
    assert told.headers == {"user-agent": "shop", "x-shopify-topic": "a/b"}
    assert told.query == {}


def test_when_it_was_posted_last_never_goes_back(company: Company, source: Source) -> None:
    posting.post(source, {"a": 1})
    posting.work(company)
    source.refresh_from_db()
    before = source.last_received_at
    old = taken(source, b"[]")
    intake.accept([Taken(old.id, old.route, source.created_at - timedelta(days=1), old.body)])
    source.refresh_from_db()
    assert source.last_received_at == before

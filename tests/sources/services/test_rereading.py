"""Posts that nobody could use are read again once somebody says what they mean."""

from tenants.models import Company
from tests.sources import posting
from webhooks.sources.enums import ReceivedState
from webhooks.sources.models import Received, Source
from webhooks.sources.services import processing, rereading, sources

MAPPING = {"fields": {"email": "mail"}, "always": "lead.created"}


def posted(source: Source, count: int) -> None:
    for number in range(count):
        body = f'{{"mail": "p{number}@example.com"}}'.encode()
        posting.arrives(source, body, at=source.created_at)


def test_what_was_of_no_use_is_read_again(company: Company) -> None:
    source = posting.a_source("custom")
    posted(source, 3)
    sources.update_source(source=source, changes={"mapping": MAPPING})

    assert rereading.start(source=source) == 3
    assert [key for key, _ in rereading.due(None)] == [str(source.pk)]
    rereading.run(str(source.pk))
    processing.process("")

    assert len(posting.told()) == 3
    assert not Received.objects.exclude(state=ReceivedState.PROCESSED).exists()
    assert list(rereading.due(None)) == []


def test_nothing_to_read_begins_nothing(company: Company) -> None:
    source = posting.a_source()
    assert rereading.start(source=source) == 0
    assert list(rereading.due(None)) == []


def test_posts_that_stay_of_no_use_are_read_once(company: Company) -> None:
    source = posting.a_source("custom")
    posted(source, 2)
    rereading.start(source=source)
    rereading.run(str(source.pk))
    processing.process("")
    rereading.run(str(source.pk))
    assert Received.objects.filter(state=ReceivedState.IGNORED).count() == 2

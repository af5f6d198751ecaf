"""The ingress is judged by each of its targets, and what is posted at it is what it takes."""

import pytest
from django.test import Client

from benchmarks.ingest import judged
from benchmarks.ingesting import posts
from tenants.models import Company
from tests.messaging import factories
from tests.sources import posting
from tests.webhooks import callbacks

GOOD = {
    "paced_p99_ms": 999.0, "paced_posts": 60.0, "paced_answered": 60.0, "paced_processed": 60.0,
    "burst_posts": 20.0, "burst_stored": 20.0, "burst_processed": 20.0,
}  # fmt: skip
BARE = {"posts_per_second": 1000.0}


def test_the_targets_hold_at_their_limits() -> None:
    assert judged(GOOD, BARE).holds


@pytest.mark.parametrize("figure", GOOD)
def test_each_target_can_fail(figure: str) -> None:
    assert not judged({**GOOD, figure: GOOD[figure] + 1.0}, BARE).holds


def test_what_is_posted_is_taken(company: Company) -> None:
    number = factories.a_connection()
    address = callbacks.an_address(company, number)
    source = posting.a_source(scheme="hmac", secret=callbacks.SECRET)
    path = f"/webhooks/in/{source.token}/"
    sent = [
        *posts.meta(
            address, callbacks.SECRET, number_id=number.external_id,
            account_id=number.account_id, count=2, series="a",
        ),
        *posts.source(path, callbacks.SECRET, count=2, series="a"),
    ]  # fmt: skip
    assert [_status(one) for one in sent] == [200] * 4


def _status(wire: bytes) -> int:
    head, _, body = wire.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return (
        Client()
        .post(first.split()[1], body, content_type="application/json", headers=headers)
        .status_code
    )

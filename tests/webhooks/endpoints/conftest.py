"""A receiver that the guard lets us reach, and endpoints that send to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tenants.models import Company
from tests.webhooks.endpoints.sink import Sink, receiving
from webhooks.endpoints.models import Endpoint
from webhooks.endpoints.services import endpoints

Make = Callable[..., Endpoint]


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with receiving() as found:
        settings.OUTBOUND_ALLOWED_PRIVATE = [found.host]
        yield found


@pytest.fixture
def an_endpoint(company: Company, sink: Sink) -> Make:
    """`an_endpoint("/status/500", types=["contact.created"])`: all types unless some are named."""

    def make(path: str = "/ok", **fields: Any) -> Endpoint:
        fields.setdefault("wants_all", "types" not in fields)
        return endpoints.create_endpoint(url=sink.url(path), **fields)[0]

    return make

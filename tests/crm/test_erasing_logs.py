"""From a person's first message to their erasure, the log output names nobody."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from crm.models import Contact
from crm.services import erasing
from tenants.models import Company
from tests.crm.test_erasing import NEEDLES, person  # noqa: F401 -- a fixture


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What leaves the process: everything that is logged, by the formatter that is configured."""
    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    formatter = next(
        one for one in formatters if isinstance(one, structlog.stdlib.ProcessorFormatter)
    )
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_the_logs_of_a_life_and_its_erasure_hold_no_name_and_no_number(
    written: io.StringIO, request: pytest.FixtureRequest, company: Company
) -> None:
    contact: Contact = request.getfixturevalue("person")
    erasure = erasing.erase(contact=contact, reason="request")
    erasing.run(str(erasure.pk))
    structlog.get_logger("webhooks.proof").warning("said", sender="+5581987123456", of="Fulano")
    said = written.getvalue()
    assert "Fulano" in said  # what is logged is seen here
    assert [word for word in NEEDLES if word in said] == []

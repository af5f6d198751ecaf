"""A source with an address, and what is posted to it."""

import pytest

from tenants.models import Company
from tests.sources import posting
from webhooks.sources.models import Source


@pytest.fixture
def source(company: Company) -> Source:
    return posting.a_source()

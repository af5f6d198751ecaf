"""A company's schema around the requests of a test, which leave it closed."""

from collections.abc import Iterator
from contextlib import contextmanager

from core import scope
from tenants.models import Company


@contextmanager
def inside(company: Company) -> Iterator[None]:
    """The company's scope, open."""
    with scope.opened(company), scope.surroundings(company):
        yield

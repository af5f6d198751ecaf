"""Contacts for tests, made by the services that the product uses."""

import itertools
from typing import Any

from crm.models import Contact
from crm.services.contacts import create_contact

_numbers = itertools.count(0)


def a_phone() -> str:
    """A Brazilian mobile that no other call returns."""
    return f"+55119{80000000 + next(_numbers)}"


def a_contact(name: str = "Ana Souza", **fields: Any) -> Contact:
    """A contact with a phone of its own, unless one is given."""
    fields.setdefault("phone", a_phone())
    return create_contact(name=name, **fields)

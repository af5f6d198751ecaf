"""`bin/manage demo`: the demo company, once; a second run changes nothing.

What it makes is written to `$DATA_DIR/demo.json`, readable by its owner alone; the password stands
there only when it was made here. A DEMO_PASSWORD that changed since becomes the demo's password.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from tenants.models import Person
from tenants.services import people
from tenants.services.companies import create_company

EMAIL, SUPERADMIN_EMAIL = "demo@example.com", "admin@example.com"
NAME, SLUG = "Loja Aurora", "loja-aurora"
NOTES = {"email": EMAIL, "company": SLUG, "superadmin_email": SUPERADMIN_EMAIL}


class Command(BaseCommand):
    help = "Create the demo company with its owner and a superadmin, unless they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        given = os.environ.get("DEMO_PASSWORD", "")
        owner = Person.objects.filter(email=EMAIL).first()
        if owner is None:
            self._create(given)
            self.stdout.write("made the demo company")
        elif given and not owner.check_password(given):
            self._change_password(given)
            self.stdout.write("the demo has the new password")
        else:
            if not _path().exists():
                _write(NOTES)
            self.stdout.write("the demo company is there")

    def _create(self, given: str) -> None:
        password = given or secrets.token_urlsafe(12)
        with transaction.atomic():
            owner = people.create_verified(email=EMAIL, password=password, name="Bruna Duarte")
            people.create_verified(
                email=SUPERADMIN_EMAIL, password=password, name="Superadmin", superadmin=True
            )
            create_company(name=NAME, slug=SLUG, owner=owner)
            # Before the commit: a password that nobody can read would be worse than a file that
            # the next run writes again.
            _write(NOTES if given else {**NOTES, "password": password})

    def _change_password(self, given: str) -> None:
        with transaction.atomic():
            for person in Person.objects.filter(email__in=[EMAIL, SUPERADMIN_EMAIL]):
                people.set_password(person=person, password=given)
            _write(NOTES)


def _path() -> Path:
    return Path(settings.DATA_DIR) / "demo.json"


def _write(notes: dict[str, str]) -> None:
    """All or nothing, and never readable by others, not even for a moment."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(notes, file, indent=2)
    draft.replace(path)

"""`bin/manage superadmin create --email …`: somebody who may open /admin/."""

from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.models import Person
from tenants.services import people


class Command(BaseCommand):
    help = "Create a superadmin, or make somebody who has an account one."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create")
        create.add_argument("--email", required=True)
        create.add_argument(
            "--password-stdin", action="store_true", help="read the password from the input"
        )

    def handle(self, *args: Any, email: str, password_stdin: bool, **options: Any) -> None:
        person = Person.objects.filter(email=email.lower()).first()
        if person is not None:
            people.make_superadmin(person=person)
        else:
            password = self._password(email, password_stdin)
            people.create_verified(email=email, password=password, superadmin=True)
        self.stdout.write(f"{email.lower()} is a superadmin")

    def _password(self, email: str, from_stdin: bool) -> str:
        password = input() if from_stdin else getpass("Password: ")
        try:
            validate_password(password, Person(email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password

"""`bin/manage company create|list|suspend|reactivate`: companies from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from tenants.models import Company, Person
from tenants.selectors import all_companies
from tenants.services import companies


class Command(BaseCommand):
    help = "Create, list, suspend and reactivate companies."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="a company with its owner")
        create.add_argument("--name", required=True)
        create.add_argument("--owner-email", required=True, help="somebody who has an account")
        create.add_argument("--slug", default="", help="made from the name when left out")
        actions.add_parser("list", help="all companies, one a line")
        for name in ("suspend", "reactivate"):
            actions.add_parser(name).add_argument("slug")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            getattr(self, f"_{action}")(**options)
        except DomainError as error:
            raise CommandError(_sentences(error)) from error

    def _create(self, *, name: str, owner_email: str, slug: str, **options: Any) -> None:
        owner = Person.objects.filter(email=owner_email.lower()).first()
        if owner is None:
            raise CommandError(f"Nobody has the e-mail {owner_email}. Let them sign up first.")
        company = companies.create_company(
            name=name, owner=owner, slug=slug, language=owner.language
        )
        self.stdout.write(f"{company.name} is at {company.path_prefix}")

    def _list(self, **options: Any) -> None:
        for company in all_companies():
            self.stdout.write(f"{company.slug}\t{company.state}\t{company.name}")

    def _suspend(self, *, slug: str, **options: Any) -> None:
        companies.suspend(company=_company(slug))
        self.stdout.write(f"{slug} is suspended")

    def _reactivate(self, *, slug: str, **options: Any) -> None:
        companies.reactivate(company=_company(slug))
        self.stdout.write(f"{slug} is active")


def _company(slug: str) -> Company:
    company = all_companies().filter(slug=slug).first()
    if company is None:
        raise CommandError(f"No company has the address {slug}. Try: company list")
    return company


def _sentences(error: DomainError) -> str:
    fields = getattr(error, "errors", {})
    parts = [f"{name}: {item.message}" for name, items in fields.items() for item in items]
    return "; ".join(parts) or error.text

"""Creating, suspending and renaming companies: every write to a company goes through here."""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from core import realtime
from core.errors import Conflict, Invalid
from core.ids import uuid7
from core.scope import opened
from tenants import schemas
from tenants.enums import CompanyState, Role
from tenants.models import Company, FormerSlug, Person
from tenants.services import memberships
from tenants.signals import company_created, company_reactivated, company_zone_changed

RESERVED_SLUGS = frozenset({"admin", "api", "new", "public", "static", "www"})


def create_company(
    *,
    name: str,
    owner: Person | None,
    slug: str = "",
    language: str = "pt-br",
) -> Company:
    """Create a company with its schema (a clone of the template) and its owner, all or nothing.

    Args:
        name: as people call it.
        slug: its address in URLs; made from the name when empty, with a number when taken.
        owner: becomes its first member; None for a company that the superadmin fills later.

    Raises:
        core.errors.Invalid: the name or the address does not fit.
        core.errors.Conflict: the wished address is taken.
    """
    company = Company(id=uuid7(), name=name.strip(), language=language)
    company.schema_name = f"c_{company.id.hex}"
    company.slug = _wished_slug(slug) if slug else _free_slug(company.name)
    _validate(company)
    with transaction.atomic():
        company.save()
        schemas.clone(schemas.template_schema(), company.schema_name)
        if owner is not None:
            memberships.add_member(company=company, person=owner, role=Role.OWNER)
        with opened(company):
            company_created.send(sender=Company, company=company)
    return company


def update_settings(
    *, company: Company, name: str, slug: str, language: str, timezone: str
) -> None:
    """Change what the company's settings page shows, all or nothing.

    Raises:
        core.errors.Invalid: a value does not fit; `errors` says which.
        core.errors.Conflict: another company has or had the address.
    """
    if timezone not in available_timezones():
        raise Invalid({"timezone": _("Choose one of the time zones.")})
    company.name, company.language, company.timezone = name.strip(), language, timezone
    with transaction.atomic():
        _validate(company)
        # As stored: a form may have written on the object already.
        before = Company.objects.values_list("timezone", flat=True).get(pk=company.pk)
        company.save(update_fields=["name", "language", "timezone"])
        rename_slug(company=company, slug=slug)
        if timezone != before:
            with opened(company):
                company_zone_changed.send(sender=Company, company=company)


def rename_slug(*, company: Company, slug: str) -> None:
    """Give a company another address; the old one redirects for ever.

    Raises:
        core.errors.Invalid, core.errors.Conflict: as in create_company.
    """
    if slug == company.slug:
        return
    former, company.slug = company.slug, _wished_slug(slug, except_for=company)
    _validate(company)
    with transaction.atomic():
        FormerSlug.objects.filter(slug=company.slug).delete()
        FormerSlug.objects.update_or_create(slug=former, defaults={"company": company})
        company.save(update_fields=["slug"])


def suspend(*, company: Company) -> None:
    """Stop a company: what arrives is kept, nothing is sent, nobody but the superadmin signs in."""
    company.state = CompanyState.SUSPENDED
    company.save(update_fields=["state"])
    realtime.rights_changed(company.pk)


def reactivate(*, company: Company) -> None:
    """End a suspension; what waited for it leaves."""
    with transaction.atomic():
        company.state = CompanyState.ACTIVE
        company.save(update_fields=["state"])
        with opened(company):
            company_reactivated.send(sender=Company, company=company)


def _validate(company: Company) -> None:
    try:
        company.full_clean(exclude=["schema_name"], validate_unique=False)
    except ValidationError as error:
        raise Invalid(error.message_dict) from error


def _wished_slug(slug: str, except_for: Company | None = None) -> str:
    taken = Company.objects.filter(slug=slug)
    if except_for is not None:
        taken = taken.exclude(pk=except_for.pk)
    former = FormerSlug.objects.filter(slug=slug)
    if except_for is not None:
        former = former.exclude(company=except_for)
    if slug in RESERVED_SLUGS or taken.exists() or former.exists():
        raise Conflict("slug_taken", _("This address is taken. Choose another one."), field="slug")
    return slug


def _free_slug(name: str) -> str:
    base = slugify(name)[:40].strip("-") or "company"
    candidates = [base, *(f"{base}-{number}" for number in range(2, 200))]
    taken = set(Company.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken |= set(FormerSlug.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken |= RESERVED_SLUGS
    return next((slug for slug in candidates if slug not in taken), f"{base}-{uuid7().hex[-8:]}")

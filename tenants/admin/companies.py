"""Companies: made with their owner, suspended and reactivated."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.forms import show_error
from tenants.admin.base import UndeletableAdmin
from tenants.models import Company, Person
from tenants.selectors import all_companies
from tenants.services import companies


class NewCompanyForm(forms.ModelForm):
    """A company needs somebody to own it; whoever it is signed up before."""

    owner_email = forms.EmailField(
        label=_("Owner's e-mail"), help_text=_("Somebody with an account.")
    )

    class Meta:
        model = Company
        fields = ("name", "slug", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        self.fields["slug"].help_text = _("Made from the name when left empty.")

    def clean_owner_email(self) -> str:
        email: str = self.cleaned_data["owner_email"].lower()
        if not get_user_model().objects.filter(email=email).exists():
            raise ValidationError(_("Nobody has an account with this e-mail."))
        return email

    def _post_clean(self) -> None:
        """Create it here, so that what the service refuses stands beside its field."""
        if self.errors:
            return
        try:
            self.instance = companies.create_company(
                name=self.cleaned_data["name"],
                slug=self.cleaned_data["slug"],
                language=self.cleaned_data["language"],
                owner=Person.objects.get(email=self.cleaned_data["owner_email"]),
            )
        except DomainError as error:
            show_error(self, error)


class CompanyForm(forms.ModelForm):
    """What the superadmin may change about a company that exists."""

    class Meta:
        model = Company
        fields = ("name", "slug", "language", "timezone")

    def _post_clean(self) -> None:
        if self.errors:
            return
        try:
            companies.update_settings(company=self.instance, **self.cleaned_data)
        except DomainError as error:
            show_error(self, error)


@admin.register(Company)
class CompanyAdmin(UndeletableAdmin):
    """All companies of the platform."""

    form = CompanyForm
    list_display = ("name", "slug", "state", "language", "people", "created_at")
    list_filter = ("state", "language")
    search_fields = ("name", "slug")
    readonly_fields = ("state", "schema_name", "created_at")
    actions = ("suspend", "reactivate")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Company]:
        return all_companies().annotate(people_count=Count("memberships"))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        if obj is None:
            kwargs["form"] = NewCompanyForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("name", "slug", "language", "owner_email")})]
        return [
            (None, {"fields": ("name", "slug", "language", "timezone")}),
            (_("Platform"), {"fields": ("state", "schema_name", "created_at")}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The service behind the form has written it."""

    @admin.display(description=_("members"), ordering="people_count")
    def people(self, company: Any) -> int:
        count: int = company.people_count
        return count

    @admin.action(description=_("Suspend: keep what arrives, send nothing, close the pages"))
    def suspend(self, request: HttpRequest, chosen: QuerySet[Company]) -> None:
        self._each(request, chosen, companies.suspend)

    @admin.action(description=_("Reactivate"))
    def reactivate(self, request: HttpRequest, chosen: QuerySet[Company]) -> None:
        self._each(request, chosen, companies.reactivate)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[Company], change: Callable[..., None]
    ) -> None:
        done = list(chosen)
        for company in done:
            change(company=company)
        text = ngettext("%(count)d company changed.", "%(count)d companies changed.", len(done))
        messages.success(request, text % {"count": len(done)})

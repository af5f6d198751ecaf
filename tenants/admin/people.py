"""People and where they belong."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin

from core.errors import DomainError
from core.forms import show_error
from tenants.admin.base import ReadOnlyAdmin, UndeletableAdmin
from tenants.models import Invitation, Membership, Person
from tenants.services import memberships
from tenants.services.authors import Author


@admin.register(Person)
class PersonAdmin(UndeletableAdmin):
    """Everybody with an account; they sign up by themselves or by invitation."""

    list_display = ("email", "name", "is_active", "is_superuser", "last_login", "date_joined")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("email", "name")
    fields = ("email", "name", "language", "is_active", "last_login", "date_joined")
    readonly_fields = ("email", "last_login", "date_joined")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        memberships.resync(person=obj)


class MembershipForm(forms.ModelForm):
    """Writes through the service while it validates, so that a "no" stands on the form."""

    author: ClassVar[Author]

    class Meta:
        model = Membership
        fields = ("person", "company", "role")

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            self.instance = memberships.add_member(
                company=self.instance.company,
                person=self.instance.person,
                role=self.instance.role,
                actor=self.author.actor,
            )
        except DomainError as error:
            show_error(self, error)


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    """Who belongs where; a company never loses its last owner."""

    form = MembershipForm
    list_display = ("person", "company", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("person", "company")
    search_fields = ("person__email", "person__name", "company__name", "company__slug")
    autocomplete_fields = ("person", "company")
    fields = ("person", "company", "role", "created_at")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("person", "company", "created_at") if obj is not None else ("created_at",)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type("MembershipFormOf", (form,), {"author": _author(request)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The service behind the form has written it."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        memberships.remove_member(membership=obj, by=_author(request))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            messages.error(request, error.text)
            return redirect("admin:tenants_membership_change", object_id)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Who was invited where; links are not readable by anybody."""

    list_display = ("email", "company", "role", "created_at", "expires_at", "accepted_at")
    list_filter = ("role",)
    list_select_related = ("company",)
    search_fields = ("email", "company__name")


def _author(request: HttpRequest) -> Author:
    return Author.superadmin(cast("Person", request.user))

"""The rate card, for superadmins: prices by hand or from a file, and which were verified."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget

from core.errors import DomainError
from core.forms import show_error
from messaging.rates import cards, importing
from messaging.rates.models import Rate

MAX_BYTES = 2 * 1024 * 1024


class RateFileForm(forms.Form):
    """A CSV file with prices (`messaging.rates.importing` names its columns)."""

    file = forms.FileField(label=gettext_lazy("CSV file"), widget=UnfoldAdminFileFieldWidget)

    def clean_file(self) -> str:
        raw = self.cleaned_data["file"].read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise forms.ValidationError(_("The file is too large."))
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise forms.ValidationError(_("Save the file as UTF-8 text.")) from None


@admin.register(Rate)
class RateAdmin(ModelAdmin):
    """Prices with their time; two prices of one kind never hold on the same day."""

    list_display = (
        *("channel", "country", "category", "price", "currency"),
        *("effective_from", "effective_until", "verified_at"),
    )
    list_filter = ("channel", "category", "currency", "country")
    search_fields = ("country", "source", "note")
    fields = (
        *("channel", "provider", "category", "country", "price", "currency"),
        *("effective_from", "effective_until", "source", "note"),
    )
    actions = ("mark_verified",)
    actions_list = ("import_file",)

    @admin.action(description=gettext_lazy("These prices are right (checked today)"))
    def mark_verified(self, request: HttpRequest, queryset: QuerySet[Rate]) -> None:
        number = queryset.update(verified_at=timezone.now())
        text = ngettext("%(number)s price verified.", "%(number)s prices verified.", number)
        messages.success(request, text % {"number": number})

    @action(description=gettext_lazy("Import a CSV file"), url_path="import")
    def import_file(self, request: HttpRequest) -> HttpResponse:
        """Prices from a file, all or nothing."""
        form = RateFileForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            try:
                done = importing.import_rates(form.cleaned_data["file"])
            except DomainError as error:
                show_error(form, error)
            else:
                text = _("%(created)s new prices, %(updated)s changed.")
                numbers = {"created": done.created, "updated": done.updated}
                messages.success(request, text % numbers)
                return redirect("admin:rates_rate_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import prices"),
            "form": form,
            "columns": ", ".join(importing.COLUMNS),
        }
        status = 422 if form.errors else 200
        return render(request, "admin/rates/import.html", context, status=status)

    def save_model(self, request: HttpRequest, obj: Rate, form: Any, change: bool) -> None:
        obj.verified_at = timezone.now()
        super().save_model(request, obj, form, change)
        cards.forget_on_commit()

    def delete_model(self, request: HttpRequest, obj: Rate) -> None:
        super().delete_model(request, obj)
        cards.forget_on_commit()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Rate]) -> None:
        super().delete_queryset(request, queryset)
        cards.forget_on_commit()

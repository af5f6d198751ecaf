"""Which company a request belongs to, and in which language it is answered."""

from collections.abc import Callable
from typing import cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import connection
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    HttpResponsePermanentRedirect,
)
from django.http.request import split_domain_port, validate_host
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone, translation
from django_htmx.http import HttpResponseClientRedirect

from core import realtime, scope
from core.errors_views import not_found
from tenants.http import MemberRequest, PersonRequest
from tenants.links import platform_path
from tenants.models import Company, Domain, FormerSlug, Membership
from tenants.selectors import membership_by_slug, memberships_of

TRACKED_LINKS = "/l/"

GetResponse = Callable[[HttpRequest], HttpResponse]


class OwnHostMiddleware:
    """A company's own host knows where the company lives on the platform, and its tracked links.

    First in line: everything behind it knows the platform's hosts alone, and Django refuses others.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host, _ = split_domain_port(request.META.get("HTTP_HOST", ""))
        if not host or validate_host(host, settings.ALLOWED_HOSTS):
            return self.get_response(request)
        domain = Domain.objects.select_related("tenant").filter(domain=host).first()
        if domain is None:
            return HttpResponseNotFound()
        if request.path_info.startswith(TRACKED_LINKS):
            return self._link(request.path_info, domain.tenant)
        response = HttpResponse(status=308)
        response["Location"] = f"{settings.PLATFORM_URL}{domain.tenant.path_prefix}"
        return response

    def _link(self, path: str, company: Company) -> HttpResponse:
        """The platform's host follows the link; another company's is unknown here."""
        if not path.startswith(f"{TRACKED_LINKS}{company.link_prefix}"):
            return HttpResponseNotFound()
        response = HttpResponse(status=302)
        response["Location"] = f"{settings.PLATFORM_URL}{quote(path)}"
        response["Cache-Control"] = "no-store"
        return response


class LanguageMiddleware:
    """The person's language; for a stranger the cookie's, else the browser's, else pt-BR."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        language = (
            person.language
            if person.is_authenticated
            else translation.get_language_from_request(request)
        )
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class CompanyMiddleware:
    """Opens the company named by `/c/<slug>/…` for its members; for all others it is not there.

    The prefix becomes the script prefix and the company's urlconf answers, so that `{% url %}`
    needs no company. Nothing of the company is touched before the membership is proven, and every
    request of any kind ends in the public schema.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        prefix = get_script_prefix()
        try:
            return self._answer(request)
        finally:
            set_script_prefix(prefix)
            connection.set_schema_to_public()  # type: ignore[attr-defined]

    def _answer(self, request: HttpRequest) -> HttpResponse:
        head, _, rest = request.path_info.removeprefix("/").partition("/")
        if head != "c" or not rest:
            return self.get_response(request)
        slug, slash, path = rest.partition("/")
        if not slash:
            return HttpResponsePermanentRedirect(f"/c/{slug}/")
        return self._company(request, slug, f"/{path}")

    def _company(self, request: HttpRequest, slug: str, path: str) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        memberships = list(memberships_of(request.user))  # a page offers its reader all of them
        for membership in memberships:
            if membership.company.slug == slug and membership.company.is_active:
                cast("MemberRequest", request).memberships = memberships
                return self._open(request, membership, path)
        return self._moved_or_unknown(cast("PersonRequest", request), slug, path)

    def _open(self, request: HttpRequest, membership: Membership, path: str) -> HttpResponse:
        company = membership.company
        entered = cast("MemberRequest", request)
        entered.company, entered.membership = company, membership
        request.urlconf = settings.COMPANY_URLCONF
        request.path_info = path
        set_script_prefix(company.path_prefix)
        if request.method == "GET" and not getattr(request, "htmx", False):
            # What this page then reads is newer: its live line goes on from here (tenants.context).
            entered.live_since = realtime.since(company.pk, None, ()).cursor
        with scope.opened(company), timezone.override(ZoneInfo(company.timezone)):
            response = self.get_response(request)
            response.headers["Cache-Control"] = response.headers.get("Cache-Control", "no-store")
            return response

    def _moved_or_unknown(self, request: PersonRequest, slug: str, path: str) -> HttpResponse:
        former = FormerSlug.objects.select_related("company").filter(slug=slug).first()
        if former and membership_by_slug(person=request.user, slug=former.company.slug):
            query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
            return HttpResponsePermanentRedirect(f"/c/{former.company.slug}{path}{query}")
        return not_found(request)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    login = platform_path(settings.LOGIN_URL)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(login)
    return redirect_to_login(request.get_full_path(), login)

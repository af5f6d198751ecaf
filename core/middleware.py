"""What no page has to think of: broken addresses, and a service's "no" shown to people."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import get_script_prefix
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

from core.errors import DomainError

NUL = "\0"
PAGES = {403: "errors/403.html", 404: "errors/404.html"}


class NoNulMiddleware:
    """Refuses addresses with a NUL, which no page has and PostgreSQL cannot be asked about."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("Bad address", content_type="text/plain")
        return self.get_response(request)


class DomainErrorMiddleware:
    """A DomainError that a view did not handle: a toast for a fragment, else a page or a message.

    Views that show a form handle `Invalid` themselves, next to the fields.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if getattr(request, "htmx", False):
            response = HttpResponse(status=error.status)
            response["HX-Reswap"] = "none"
            return trigger_client_event(response, "toast", {"level": "error", "text": error.text})
        if request.method == "POST" and error.status not in PAGES:
            messages.error(request, error.text)
            return redirect(_where_from(request))
        template = PAGES.get(error.status, "errors/400.html")
        return render(request, template, {"message": error.text}, status=error.status)


def _where_from(request: HttpRequest) -> str:
    """The page of ours that the form stood on, else the first page (of the company): the address
    that it was sent to may answer to nothing but forms."""
    referer = request.headers.get("referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return referer if is_ours else get_script_prefix()

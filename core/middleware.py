"""Turns a service's "no" into what the page can show."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import trigger_client_event

from core.errors import DomainError

PAGES = {403: "errors/403.html", 404: "errors/404.html"}


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
            return redirect(request.headers.get("referer") or request.get_full_path())
        template = PAGES.get(error.status, "errors/400.html")
        return render(request, template, {"message": error.text}, status=error.status)

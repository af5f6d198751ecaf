"""The pages that say what went wrong; both urlconfs name them as their handlers."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

log = structlog.get_logger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403, with the sentence of our own errors."""
    return render(request, "errors/403.html", {"message": _sentence(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: what failed may be what fills the shell. And in words alone
    where even that fails, as without the files of the front end."""
    try:
        return HttpResponse(render_to_string("errors/500.html"), status=500)
    except Exception:
        log.exception("core.error_page_failed")
    sentence = _("We have recorded it. Please try again in a moment; nothing you saved was lost.")
    return HttpResponse(sentence, status=500, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    message = _("This page was open for too long. Reload it and try again.")
    return render(request, "errors/403.html", {"message": message}, status=403)


def _sentence(exception: Exception | None) -> str:
    """Only our own errors are written for people."""
    return getattr(exception, "text", "")

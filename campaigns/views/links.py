"""Where tracked links arrive: anybody's browser, on the platform's host."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_safe

from campaigns.services import links
from core.errors import NotFound


@require_safe
def follow(request: HttpRequest, text: str) -> HttpResponse:
    """Lead on to the address behind the link."""
    try:
        address = links.follow(
            text=text,
            user_agent=request.headers.get("User-Agent", ""),
            is_counted=request.method == "GET",
        )
    except links.Gone as error:
        return render(request, "campaigns/link_gone.html", status=error.status)
    except NotFound:
        return render(request, "campaigns/link_unknown.html", status=404)
    response = HttpResponse(status=302, headers={"Location": iri_to_uri(address)})
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response

"""The reference: a view that verifies and inserts one row, with the least that Django needs."""

import hashlib
import hmac
import os

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

SECRET = os.environ.get("BARE_SECRET", "").encode()


@csrf_exempt
def callback(request: HttpRequest) -> HttpResponse:
    """200 when the signature holds and the row is committed."""
    signature = "sha256=" + hmac.new(SECRET, request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, request.headers.get("X-Hub-Signature-256", "")):
        return HttpResponse(status=403)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO public.bare_callback (body) VALUES (%s)", [request.body])
    return HttpResponse("OK", content_type="text/plain")


urlpatterns = [path("bare/", callback)]

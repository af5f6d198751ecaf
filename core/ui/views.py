"""The component gallery: every component in every state, for people and for screenshot tests."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET


class ExampleForm(forms.Form):
    """One field of each kind; bound with wrong values so that errors show."""

    name = forms.CharField(label="Name", help_text="As your customers know it.")
    email = forms.EmailField(label="E-mail")
    category = forms.ChoiceField(
        label="Category", choices=[("marketing", "Marketing"), ("utility", "Utility")]
    )
    text = forms.CharField(
        label="Text", required=False, widget=forms.Textarea(attrs={"rows": 3, "data-autosize": ""})
    )
    when = forms.ChoiceField(
        label="When", choices=[("now", "Now"), ("later", "At a time")], widget=forms.RadioSelect
    )
    consent = forms.BooleanField(label="They agreed to be written to")
    active = forms.BooleanField(label="Active", required=False, initial=True)


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """All components; there for developers and superadmins alone.

    Raises:
        Http404: neither DEBUG nor a superadmin.
    """
    if not (settings.DEBUG or getattr(request.user, "is_superuser", False)):
        raise Http404
    return render(request, "core/gallery.html", _examples())


def _examples() -> dict[str, Any]:
    now = timezone.now()
    return {
        "form": ExampleForm(
            {"email": "ana@", "category": "utility", "when": "now"}, auto_id="bad_%s"
        ),
        "blank_form": ExampleForm(),
        "now": now,
        "yesterday": now - dt.timedelta(days=1),
        "long_ago": now - dt.timedelta(days=400),
        "states": ["draft", "scheduled", "running", "paused", "completed", "failed", "unknown"],
        "message_states": [
            "queued",
            "sending",
            "sent",
            "delivered",
            "read",
            "failed",
            "skipped",
            "unknown",
        ],
        "names": ["Ana Souza", "Bruno Lima", "Carla Dias", "Diego Alves", "Élida Íris Ôro", "Zé"],
        "steps": [{"label": "Audience"}, {"label": "Message"}, {"label": "Review"}],
        "checklist": [
            {"title": "Connect a number", "text": "Needed to send.", "done": True, "url": "#"},
            {
                "title": "Import contacts",
                "text": "A CSV from your spreadsheet is enough.",
                "current": True,
                "url": "#",
                "action": "Import",
            },
            {"title": "Send a campaign", "text": "To yourself first.", "url": "#", "action": "New"},
        ],
        "parts": [
            {"value": 620, "tone": "success", "label": "Read 620"},
            {"value": 180, "tone": "primary", "label": "Delivered 180"},
            {"value": 90, "tone": "info", "label": "Sent 90"},
            {"value": 25, "tone": "danger", "label": "Failed 25"},
        ],
        "crumbs": [{"label": "Campaigns", "url": "#"}, {"label": "Black Friday"}],
        "hostile": "<script>alert(1)</script> *bold* _soft_ ~gone~ ```mono <b>``` https://example.com/a_b_c?x=1&y=2",
    }

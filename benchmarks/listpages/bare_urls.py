"""The bare views, and the company's addresses below its usual prefix for the template's links."""

from django.urls import include, path

from benchmarks.listpages import bare_views
from benchmarks.listpages.world import SLUG

urlpatterns = [
    path("bare/contacts/", bare_views.contacts),
    path("bare/campaigns/", bare_views.campaigns),
    path(f"c/{SLUG}/", include("config.urls_company")),
]

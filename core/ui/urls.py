"""Address of the component gallery; included by the platform's urlconf."""

from django.urls import path

from core.ui import views

app_name = "ui"

urlpatterns = [path("", views.gallery, name="gallery")]

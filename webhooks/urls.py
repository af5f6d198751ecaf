from django.urls import path

from webhooks import views

urlpatterns = [
    path("", views.received, name="webhooks"),
    path("<uuid:item_id>/", views.item, name="webhook-item"),
    path("<uuid:item_id>/process/", views.process_again, name="webhook-item-process"),
]

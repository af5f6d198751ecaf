from django.urls import path

from webhooks import views

urlpatterns = [
    path("", views.manager, name="webhooks"),
    path("received/", views.received, name="received-items"),
    path("received/<uuid:item_id>/", views.item, name="webhook-item"),
    path("received/<uuid:item_id>/process/", views.process_again, name="webhook-item-process"),
]

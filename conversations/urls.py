from django.urls import path

from conversations.views import composing, listing, reading, scheduling, threads

urlpatterns = [
    path("", listing.index, name="inbox"),
    path("tabs/", listing.tabs, name="inbox-tabs"),
    path("filters/", listing.filters, name="inbox-filters"),
    path("views/", listing.save_view, name="inbox-view-save"),
    path("views/<uuid:id>/delete/", listing.delete_view, name="inbox-view-delete"),
    path("media/<uuid:id>/", reading.media, name="media"),
    path("start/<uuid:id>/", composing.start, name="conversation-start"),
    path("<uuid:id>/", reading.show, name="conversation"),
    path("<uuid:id>/messages/", threads.messages, name="conversation-messages"),
    path("<uuid:id>/messages/again/", threads.send_again, name="conversation-send-again"),
    path("<uuid:id>/schedule/", scheduling.schedule, name="conversation-schedule"),
    path("<uuid:id>/scheduled/", scheduling.scheduled, name="conversation-scheduled"),
    path("<uuid:id>/composer/", composing.composer, name="conversation-composer"),
    path("<uuid:id>/segments/", composing.segments, name="conversation-segments"),
    path("<uuid:id>/actions/", reading.actions, name="conversation-actions"),
    path("<uuid:id>/template/", composing.template, name="conversation-template"),
    path(
        "<uuid:id>/template/preview/",
        composing.template_preview,
        name="conversation-template-preview",
    ),
    path("<uuid:id>/read/", reading.read, name="conversation-read"),
    path("<uuid:id>/resolve/", reading.resolve, name="conversation-resolve"),
    path("<uuid:id>/reopen/", reading.reopen, name="conversation-reopen"),
    path("<uuid:id>/assign/", reading.assign, name="conversation-assign"),
]

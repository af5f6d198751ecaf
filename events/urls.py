"""The event log of a company, replays and dead letters, below `/c/<slug>/events/`."""

from django.urls import path

from events.views import letters, log, replays

urlpatterns = [
    path("", log.index, name="events"),
    path("newer/", log.newer, name="events-newer"),
    path("<int:sequence>/", log.detail, name="event"),
    path("<int:sequence>/replay/", replays.one, name="event-replay"),
    path("replay/", replays.new, name="replay-new"),
    path("replays/", replays.index, name="replays"),
    path("replays/<uuid:id>/stop/", replays.stop, name="replay-stop"),
    path("dead-letters/", letters.index, name="dead-letters"),
    path("dead-letters/act/", letters.act, name="dead-letters-act"),
]

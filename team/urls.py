"""Pages at the root of a company: home, live line, search, notifications, settings."""

from django.urls import path

from team.views import (
    api_keys,
    home,
    incidents,
    live,
    members,
    notifications,
    retention,
    search,
    settings,
    teams,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("badges/", home.badges, name="badges"),
    path("live", live.live, name="live"),
    path("search", search.search, name="search"),
    path("notifications/", notifications.panel, name="notifications"),
    path("notifications/unread/", notifications.unread, name="notifications-unread"),
    path("notifications/read/", notifications.read_all, name="notifications-read"),
    path("notifications/<uuid:id>/", notifications.open_one, name="notification"),
    path("settings/", settings.index, name="settings"),
    path("settings/company/", settings.company, name="settings-company"),
    path("settings/profile/", settings.profile, name="profile"),
    path("availability/", members.availability, name="availability"),
    path("settings/notifications/", notifications.preferences, name="notification-settings"),
    path("settings/members/", members.index, name="members"),
    path("settings/members/invite/", members.invite, name="member-invite"),
    path("settings/members/<uuid:id>/role/", members.role, name="member-role"),
    path("settings/members/<uuid:id>/remove/", members.remove, name="member-remove"),
    path("settings/teams/", teams.index, name="teams"),
    path("settings/teams/new/", teams.new, name="team-new"),
    path("settings/teams/<uuid:id>/", teams.edit, name="team-edit"),
    path("settings/teams/<uuid:id>/delete/", teams.delete, name="team-delete"),
    path("settings/invitations/<uuid:id>/resend/", members.resend, name="invitation-resend"),
    path("settings/invitations/<uuid:id>/link/", members.link, name="invitation-link"),
    path("settings/invitations/<uuid:id>/revoke/", members.revoke, name="invitation-revoke"),
    path("settings/api-keys/", api_keys.index, name="api-keys"),
    path("settings/api-keys/new/", api_keys.new, name="api-key-new"),
    path("settings/api-keys/<uuid:id>/revoke/", api_keys.revoke, name="api-key-revoke"),
    path("settings/retention/", retention.index, name="retention"),
    path("settings/retention/change/", retention.edit, name="retention-edit"),
    path("settings/incidents/", incidents.index, name="incidents"),
]

"""Who may do what: one table that views, API, sockets and tests read.

A permission is `<resource>.<verb>`; API keys carry the same words as scopes. A change here is a
change everywhere, and `tests/isolation` walks every route against it.
"""

from collections.abc import Iterable

from tenants.enums import Role

_ALL = (Role.OWNER, Role.ADMIN, Role.MANAGER, Role.AGENT, Role.VIEWER)
_WORK = (Role.OWNER, Role.ADMIN, Role.MANAGER, Role.AGENT)
_MANAGE = (Role.OWNER, Role.ADMIN, Role.MANAGER)
_ADMIN = (Role.OWNER, Role.ADMIN)

PERMISSIONS: dict[str, tuple[Role, ...]] = {
    "company.view": _ALL,
    "company.manage": _ADMIN,
    "members.view": _ALL,
    "members.manage": _ADMIN,
    "teams.view": _ALL,
    "teams.manage": _MANAGE,
    "api_keys.manage": _ADMIN,
    "events.view": _ADMIN,
    "events.manage": _ADMIN,  # replay, dead letters
    "incidents.view": _MANAGE,
    "retention.manage": _ADMIN,
    "contacts.view": _ALL,
    "contacts.edit": _WORK,
    "contacts.delete": _MANAGE,
    "contacts.import": _MANAGE,
    "contacts.export": _MANAGE,
    "contacts.erase": _ADMIN,
    "contact_views.share": _MANAGE,  # one's own needs contacts.view alone
    "tags.view": _ALL,
    "tags.edit": _WORK,
    "lists.view": _ALL,
    "lists.edit": _WORK,
    "fields.view": _ALL,
    "fields.edit": _MANAGE,
    "segments.view": _ALL,
    "segments.edit": _MANAGE,
    "suppressions.view": _MANAGE,
    "suppressions.edit": _MANAGE,
    "connections.view": _MANAGE,
    "connections.manage": _ADMIN,
    "templates.view": _ALL,
    "templates.manage": _MANAGE,
    "campaigns.view": _ALL,
    "campaigns.manage": _MANAGE,
    "conversations.view": _ALL,
    "conversations.reply": _WORK,
    "inbox.manage": _MANAGE,
    "ratings.view": _MANAGE,
    "business_hours.manage": _MANAGE,
    "labels.view": _ALL,
    "labels.manage": _MANAGE,
    "canned_replies.view": _WORK,
    "canned_replies.edit": _WORK,  # their own
    "canned_replies.share": _MANAGE,  # everybody's
    "media.view": _ALL,
    "media.upload": _WORK,
    "webhooks.view": _ADMIN,
    "webhooks.manage": _ADMIN,
    "integrations.view": _ADMIN,
    "integrations.manage": _ADMIN,
    "automations.view": _MANAGE,
    "automations.manage": _MANAGE,
}


def allows(role: str, permission: str) -> bool:
    """True when the role holds the permission.

    Raises:
        KeyError: the permission is not in the table; a misspelt one must never pass as "no".
    """
    return role in PERMISSIONS[permission]


def granted_to(role: str) -> frozenset[str]:
    """All permissions of a role, for `{% if "campaigns.manage" in can %}`."""
    return frozenset(name for name, roles in PERMISSIONS.items() if role in roles)


def unknown(scopes: Iterable[str]) -> list[str]:
    """The scopes that are no permission, in their order."""
    return [scope for scope in scopes if scope not in PERMISSIONS]

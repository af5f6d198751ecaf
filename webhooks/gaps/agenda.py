"""The due work of the gap detector, by name; registered in `webhooks.gaps.apps`."""

LOOK = "gaps.look"  # no key: the whole company
EVERY_SECONDS = 300

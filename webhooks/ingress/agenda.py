"""The due work of the ingress, by name; registered in `webhooks.ingress.apps`."""

SPLIT = "ingress.split"  # no key: whatever envelopes wait
FORGET = "ingress.forget"  # no key: envelopes and parked items that are too old

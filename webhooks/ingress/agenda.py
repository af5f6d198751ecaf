"""The due work of the ingress, by name; registered in `webhooks.ingress.apps`."""

SPLIT = "ingress.split"  # no key: whatever envelopes wait
CALM = "ingress.calm"  # key: an address that posted too much
FORGET = "ingress.forget"  # no key: envelopes and parked items that are too old

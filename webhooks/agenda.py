"""The due work of webhooks, by name; registered in `webhooks.apps`."""

PROCESS = "webhooks.process"  # no key: whatever items of the company wait

"""The due work of sources, by name; registered in `webhooks.sources.apps`."""

PROCESS = "sources.process"  # no key: whatever posts of the company wait
REREAD = "sources.reread"  # key: a source whose ignored posts are read again

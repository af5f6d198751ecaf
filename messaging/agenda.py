"""The kinds of due work of messaging, by name; `messaging.wiring` registers their handlers."""

PUMP = "messaging.pump"  # key: a connection; its runs' messages
PUMP_BESIDE = "messaging.pump_beside"  # the same in another process, for the fastest numbers
REPLY = "messaging.reply"  # key: a connection; messages of no run: answers, API sends
CANCEL = "messaging.cancel"  # key: a stream; open rows → cancelled
RECOUNT = "messaging.recount"  # key: a stream
SWEEP = "messaging.sweep"  # no key: leases and waits that ran out
EXPIRE = "messaging.expire"  # key: a stream, or none: messages of no run; what came too late
TRY_TEMPLATE = "messaging.try_template"  # key: a template whose pause ends
OVERSPENT = "messaging.overspent"  # key: a stream whose messages found a budget empty
FETCH_MEDIA = "messaging.fetch_media"  # key: a media row

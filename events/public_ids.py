"""How things of the log are named outside: `evt_…`, `rpl_…`."""

from core.ids import PublicId

EVENT = PublicId("evt")
REPLAY = PublicId("rpl")

"""How things are named outside: `int_…`, `syn_…`, `psh_…`."""

from core.ids import PublicId

INTEGRATION = PublicId("int")
SYNC = PublicId("syn")
PUSH = PublicId("psh")

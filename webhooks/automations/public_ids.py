"""How automations are named outside: `aut_…`, their versions `auv_…`, runs `run_…`, dry runs
`dry_…`."""

from core.ids import PublicId

AUTOMATION = PublicId("aut")
VERSION = PublicId("auv")
RUN = PublicId("run")
DRY_RUN = PublicId("dry")

"""The kinds of due work of automations."""

RUN = "automations.run"  # no key: runs whose next step is due, or whose wait is over
CLOCK = "automations.clock"  # key: an automation that no event starts
DRY_RUN = "automations.dry_run"  # key: a dry run that goes on

"""Which statuses follow an accepted message, and when."""

from __future__ import annotations

from sandbox.faults import Rule
from sandbox.meta.errors import GraphError
from sandbox.meta.events import Change, Sent, Status
from sandbox.state import Sandbox

_COPY_GAP = 0.03  # seconds between the copies of a duplicated status


async def follow(
    sandbox: Sandbox, sent: Sent, *, error: GraphError | None = None, fault: Rule | None = None
) -> None:
    """Schedule the webhooks of ``sent``: failed with ``error``, else sent, delivered and read.

    ``fault`` may drop, double, shuffle or forge them, or post the first before this returns.
    """
    do = fault.do if fault else ""
    if do == "drop_status":
        return
    if fault and do.startswith("fail:"):
        error = GraphError(fault.code)
    steps = _steps(sandbox, error)
    if do == "shuffle_status":
        kinds = [kind for _, kind in reversed(steps)]
        steps = [(delay, kind) for (delay, _), kind in zip(steps, kinds, strict=True)]
    changes = [
        (delay, Change(sent.account, Status(sent, kind, error), forged=do == "bad_signature"))
        for delay, kind in steps
    ]
    url = sent.account.callback_for(sent.number.id)
    if do == "status_before_response":
        await sandbox.outbox.now(url, [changes.pop(0)[1]])
    copies = fault.copies if fault and do == "dup_status" else 1
    for delay, change in changes:
        for copy in range(copies):
            sandbox.outbox.schedule(delay + copy * _COPY_GAP, url, change)


def _steps(sandbox: Sandbox, error: GraphError | None) -> list[tuple[float, str]]:
    """(delay in seconds, kind), never decreasing."""
    settings = sandbox.settings
    delays = settings.delays
    if error is not None:
        return [(delays["sent"], "failed")]
    steps = [(delays["sent"], "sent")]
    if sandbox.random.random() < settings.delivered_rate:
        steps.append((max(delays["sent"], delays["delivered"]), "delivered"))
        if sandbox.random.random() < settings.read_rate:
            steps.append((max(steps[-1][0], delays["read"]), "read"))
    return steps

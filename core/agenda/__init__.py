"""The agenda: how due work of a thousand companies is found without asking a thousand schemas.

Whoever creates due work calls `append()` in the same transaction. Rows that are due now are hinted
to a worker right after the commit; the scanner (`scanner.py`, one or several resident processes)
finds the others when their time comes, and finds again whatever a lost hint left behind.

A kind of work is registered once (`register`) with a handler and with `due`, the selector that
tells from the rows themselves what is outstanding. Handlers are safe to lose and safe to repeat;
long ones take steps `in_slices`.
"""

from core.agenda.chores import Chore
from core.agenda.kinds import Kind, register
from core.agenda.rows import append, follow_up, rebuild, wake
from core.agenda.slices import in_slices

__all__ = ["Chore", "Kind", "append", "follow_up", "in_slices", "rebuild", "register", "wake"]

"""Room for deep call stacks, given at once.

CPython (3.11 and later) keeps Python frames in chunks of 16 KB. A call that does not fit into the
current chunk maps a new one from the kernel and its return unmaps it, so a hot function that
happens to sit on the border pays two system calls and page faults each time it is called. Rendering
a template of nested components crosses such borders thousands of times a page: half of the CPU of
our lists went there, and all threads waited for the kernel's lock on the address space.

A chunk is made as large as the frame that asks for it needs, doubled up to a power of two, and what
the frame leaves over serves its callees. So one function that claims a big frame, under which a
request runs, takes one mapping a request instead. Memory that nobody touches costs nothing.
(CPython: `push_chunk` in Python/pystate.c.)
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# In words of 8 bytes: 136 KB are claimed, the chunk becomes 256 KB, 120 KB of it serve the callees
# (some 600 frames; a page of ours nests 250).
CLAIMED_WORDS = 17_000


def roomy(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, called in a frame under which deep call stacks stay in one chunk."""

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    call.__code__ = call.__code__.replace(co_stacksize=CLAIMED_WORDS)
    return call

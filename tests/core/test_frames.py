"""A roomy call keeps deep stacks out of the kernel."""

import resource
import threading
from collections.abc import Callable

from core.frames import roomy

DEPTHS = 300  # two chunks' worth of frames
CALLS = 500


def leaf() -> None:
    """What sits on the border of a chunk at some depth, being larger than what calls it."""


leaf.__code__ = leaf.__code__.replace(co_stacksize=30)


def at_depth(depth: int) -> None:
    if depth:
        at_depth(depth - 1)
        return
    for _ in range(CALLS):
        leaf()


def faults_at_every_depth() -> int:
    """Page faults of this thread while a function is called often at each depth of the stack."""
    for depth in range(DEPTHS):
        at_depth(depth)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for depth in range(DEPTHS):
        at_depth(depth)
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def in_a_thread(function: Callable[[], int]) -> int:
    """In a fresh stack, whatever pytest has on its own."""
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_a_roomy_call_crosses_no_border_that_a_plain_one_pays_for() -> None:
    plain = in_a_thread(faults_at_every_depth)
    assert plain >= CALLS, "this Python no longer unmaps chunks: core.frames can go"
    assert in_a_thread(roomy(faults_at_every_depth)) < CALLS / 10


def test_arguments_and_results_pass_through() -> None:
    assert roomy(divmod)(7, 2) == (3, 1)
    assert roomy(dict)(a=1) == {"a": 1}

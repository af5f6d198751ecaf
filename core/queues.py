"""In which order a worker asks its queues for work."""

from kombu.utils.scheduling import round_robin_cycle

FIRST = "replies"


class RepliesFirst(round_robin_cycle):
    """By turns, but a person who waits for an answer goes before every run.

    A worker whose hands are full with runs of many companies takes the answer as soon as one hand
    is free, instead of when its queue's turn comes. The others keep their turns, so that none of
    them starves.
    """

    def consume(self, n: int) -> list[str]:  # type: ignore[override]  # a list
        """The queues to ask now, the first to be emptied first."""
        return sorted(super().consume(n), key=lambda name: name != FIRST)

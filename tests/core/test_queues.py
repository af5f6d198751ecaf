"""Answers go before runs; the other queues take turns."""

from core.queues import RepliesFirst


def test_answers_come_first_and_the_others_take_turns() -> None:
    cycle = RepliesFirst(["sending", "replies", "inbound"])
    asked = []
    for used in ("sending", "replies", "inbound"):
        asked.append(cycle.consume(3))
        cycle.rotate(used)

    assert asked == [
        ["replies", "sending", "inbound"],
        ["replies", "inbound", "sending"],
        ["replies", "inbound", "sending"],
    ]

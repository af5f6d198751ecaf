"""Words of a closed list, as people and programs write them."""


def any_case(text: str) -> str:
    """A word as we keep it: "SMS", " Sms " and "sms" are one channel."""
    return text.strip().lower()

"""What a refused action says, where there is room for one sentence."""

from core.errors import DomainError, Invalid


def first_sentence(error: DomainError) -> str:
    """The error's sentence; of several fields' the first."""
    if isinstance(error, Invalid):
        return str(next(iter(error.errors.values()))[0].message)
    return error.text

"""The one exception that the commands show to people."""


class OperationError(Exception):
    """Something a person has to know: one sentence saying what is wrong, one saying what to do.

    `bin/*` prints it without a traceback and ends with exit code 1.
    """

    def __init__(self, what: str, cure: str = "") -> None:
        super().__init__(f"{what} {cure}".strip())
        self.what = what
        self.cure = cure

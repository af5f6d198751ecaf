"""Twilio's errors: codes, HTTP statuses and the body they come in.

Source: Twilio, "Error and warning dictionary".
"""

from __future__ import annotations

from aiohttp import web

from sandbox.wire import reply

# code: (HTTP status, message)
CODES: dict[int, tuple[int, str]] = {
    20003: (401, "Authenticate"),
    20005: (403, "Account not active"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21211: (400, "Invalid 'To' Phone Number"),
    21408: (400, "Permission to send an SMS has not been enabled for the region"),
    21421: (400, "PhoneNumber is invalid"),
    21422: (400, "PhoneNumber is not available"),
    21602: (400, "Message body is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number provided is not a valid message-capable phone number"),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (400, "This 'From' number has exceeded the maximum number of queued messages"),
    21612: (400, "Message cannot be sent with the current combination of 'To' and 'From'"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    30003: (400, "Unreachable destination handset"),
    30005: (400, "Unknown destination handset"),
    30006: (400, "Landline or unreachable carrier"),
    30007: (400, "Message filtered"),
}


class TwilioError(Exception):
    """A refusal in Twilio's own words."""

    def __init__(self, code: int, message: str = "", *, status: int | None = None) -> None:
        self.code = code
        known = CODES.get(code, (400, "Error"))
        self.status = status or known[0]
        self.message = message or known[1]
        super().__init__(f"{code}: {self.message}")

    def response(self) -> web.Response:
        """The error as an HTTP answer."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return reply(body, self.status)


def no_such_resource(path: str) -> TwilioError:
    """What Twilio says of an address that leads nowhere."""
    return TwilioError(20404, f"The requested resource {path} was not found")

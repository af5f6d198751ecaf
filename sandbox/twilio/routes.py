"""The addresses of Twilio's API, its messaging services and its price list."""

from __future__ import annotations

from aiohttp import web

from sandbox.twilio import messages, numbers
from sandbox.twilio.access import account_of
from sandbox.twilio.errors import no_such_resource

_API = "/twilio/2010-04-01/Accounts/{account}"


async def unknown(request: web.Request) -> web.Response:
    """Everything else."""
    account_of(request)
    raise no_such_resource(request.path)


def add_routes(app: web.Application) -> None:
    """Attach Twilio to the application; the hot route first, the router tries them in order."""
    router = app.router
    router.add_post(_API + "/Messages.json", messages.send)
    router.add_get(_API + "/Messages.json", messages.index)
    router.add_get(_API + "/Messages/{sid}.json", messages.show)
    router.add_get(_API + "/IncomingPhoneNumbers.json", numbers.index)
    router.add_post(_API + "/IncomingPhoneNumbers.json", numbers.buy)
    router.add_get(_API + "/IncomingPhoneNumbers/{sid}.json", numbers.show)
    router.add_post(_API + "/IncomingPhoneNumbers/{sid}.json", numbers.change)
    router.add_delete(_API + "/IncomingPhoneNumbers/{sid}.json", numbers.release)
    router.add_get(_API + "/AvailablePhoneNumbers/{country}/{kind}.json", numbers.available)
    router.add_get("/twilio/2010-04-01/Accounts/{account}.json", numbers.show_account)
    router.add_get("/twilio/v1/PhoneNumbers/Countries/{country}", numbers.prices)
    router.add_get("/twilio/v1/Services/{sid}", numbers.service)
    router.add_post("/twilio/v1/Services/{sid}", numbers.service)
    router.add_route("*", "/twilio/{rest:.*}", unknown)

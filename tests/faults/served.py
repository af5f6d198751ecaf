"""Web, worker and scanner as processes, with the provider calling back at them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import rig
from tests.faults.conftest import Campaign
from tests.messaging import factories
from tests.webhooks import callbacks


@contextmanager
def product(campaign: Campaign, company: Company, sandbox: Handle) -> Iterator[rig.Program]:
    """Web, worker and scanner, with the provider calling back at them; yields the worker."""
    address = callbacks.an_address(company, campaign.connection)
    port = rig.free_port()
    call_back_at(sandbox, f"http://127.0.0.1:{port}{address}")
    with rig.a_redis() as url:
        env = rig.environment(sandbox, redis_url=url)
        served = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
        programs = [rig.Program(served, env), rig.worker(env), rig.scanner(env)]
        with rig.running(*programs):
            yield programs[1]
    call_back_at(sandbox, "")


def call_back_at(sandbox: Handle, url: str) -> None:
    account = {"waba_id": factories.ACCOUNT, "callback_url": url, "subscribed": bool(url)}
    httpx.post(f"{sandbox.url}/_sandbox/accounts", json=account).raise_for_status()

"""The product as a newcomer starts it: `bin/up --detach` in a data directory of its own."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import BrowserContext

ROOT = Path(__file__).resolve().parents[2]
# What bin/test sets for the other stages; this stack starts servers of its own.
NOT_OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_URL",
    "GRAPH_BASE_URL",
    "OUTBOUND_ALLOWED_PRIVATE",
    "SANDBOX_STATE_DIR",
    "SANDBOX_URL",
    "SANDBOX_WEBHOOK_BASE",
    "SOCKET_URL",
)


@dataclass(frozen=True, slots=True)
class Stack:
    """A running product: its addresses and the demo's sign-in."""

    url: str
    sandbox: str
    email: str
    password: str
    company: str
    superadmin: str
    owner: httpx.Client
    environment: dict[str, str]

    def manage(self, *arguments: str) -> None:
        """Run a command of Django's beside it: for what only time would bring about."""
        _run("manage", self.environment, *arguments)

    def add_company(self, name: str) -> str:
        """The address of another company of the demo's owner, made through the page for it."""
        answer = _post(self.owner, "/new/", name=name, language="pt-br")
        return re.findall(r"/c/([\w-]+)/", answer.headers["Location"])[0]

    def sign_in(self, context: BrowserContext) -> None:
        """Let a browser in as the demo's owner, past the form that the tour fills in."""
        context.add_cookies(
            [
                {"name": name, "value": value, "url": self.url}
                for name, value in self.owner.cookies.items()
            ]
        )

    def api(self, company: str) -> httpx.Client:
        """The API as the demo's owner, in one company."""
        client = httpx.Client(base_url=f"{self.url}/api/v1/", timeout=30)
        sign_in = {"email": self.email, "password": self.password, "company": company}
        token = client.post("auth/token/", json=sign_in).raise_for_status().json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client


@contextmanager
def started(data_dir: Path, **settings: str) -> Iterator[Stack]:
    """Start everything, hand it over, stop it; the logs stay in the data directory.

    Args:
        settings: environment variables of this product alone.
    """
    port, socket_port, sandbox_port, smtp_port = free_ports(4)
    environment = {key: value for key, value in os.environ.items() if key not in NOT_OURS}
    environment |= {
        "DATA_DIR": str(data_dir),
        "PORT": str(port),
        "SOCKET_PORT": str(socket_port),
        "SANDBOX_PORT": str(sandbox_port),
        "SANDBOX_SMTP_PORT": str(smtp_port),
        "PLATFORM_URL": f"http://localhost:{port}",
        "DEMO_PASSWORD": "tour-password-1234",
        "DEMO": "1",
        **settings,
    }
    _run("up", environment, "--detach")
    try:
        demo = json.loads((data_dir / "demo.json").read_text())
        yield Stack(
            url=f"http://localhost:{port}",
            sandbox=f"http://localhost:{sandbox_port}",
            email=demo["email"],
            password=environment["DEMO_PASSWORD"],
            company=demo["company"],
            superadmin=demo["superadmin_email"],
            owner=_signed_in(f"http://localhost:{port}", demo["email"], environment),
            environment=environment,
        )
    finally:
        _run("down", environment)


def _signed_in(url: str, email: str, environment: dict[str, str]) -> httpx.Client:
    client = httpx.Client(base_url=url, timeout=30)
    _post(client, "/accounts/login/", login=email, password=environment["DEMO_PASSWORD"])
    return client


def _post(client: httpx.Client, path: str, **values: str) -> httpx.Response:
    """Fill in the form of a page; the answer leads elsewhere, else it was refused."""
    client.get(path).raise_for_status()
    token = {"csrfmiddlewaretoken": client.cookies["csrf"]}
    answer = client.post(path, data={**values, **token})
    if answer.status_code != 302:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:2000]}")
    return answer


def _run(name: str, environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, str(ROOT / "bin" / name), *arguments]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    if done.returncode:
        raise RuntimeError(f"bin/{name} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [item.getsockname()[1] for item in sockets]
    finally:
        for item in sockets:
            item.close()

"""The script of docs/api.md, run as it stands there: the main job through the API alone."""

import os
import re
import subprocess
import sys

import httpx

from tests.e2e.stack import ROOT, Stack


def script() -> str:
    text = (ROOT / "docs" / "api.md").read_text()
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_script_is_short() -> None:
    assert len(script().splitlines()) < 80


NUMBER = {"id": "200000000000001", "display_phone_number": "+55 11 4000-3000"}
DEMO_ACCOUNT = "102290129340398"  # the sandbox's


def add_number(stack: Stack) -> None:
    """A number of the script's own, so that it may run beside the tours."""
    account = {"waba_id": DEMO_ACCOUNT, "numbers": [NUMBER]}
    httpx.post(f"{stack.sandbox}/_sandbox/accounts", json=account).raise_for_status()


def test_the_main_job_through_the_api_alone(stack: Stack) -> None:
    environment = {
        **os.environ,
        "BASE": stack.url,
        "SANDBOX": stack.sandbox,
        "EMAIL": stack.email,
        "PASSWORD": stack.password,
        "COMPANY": stack.add_company("Loja da API"),
    }
    add_number(stack)
    done = subprocess.run(
        [sys.executable, "-c", script()],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[:3] == ["imported 980 rejected 20", "preflight 980", "sent 980 of 980"]
    assert lines[3] == "received Quero saber mais!"
    assert lines[4].startswith("replied Claro! Aqui está o catálogo. ")
    ledger = httpx.get(f"{stack.sandbox}/_sandbox/ledger?connection={NUMBER['id']}").json()
    sent = [item for item in ledger["results"] if item["kind"] == "message"]
    assert len({item["recipient"] for item in sent}) == 980
    assert len(sent) == 981

"""The script of docs/api.md, run as it stands there: the main job through the API alone."""

import os
import re
import subprocess
import sys

from tests.e2e.line import Line
from tests.e2e.stack import ROOT, Stack


def script() -> str:
    text = (ROOT / "docs" / "api.md").read_text()
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_script_is_short() -> None:
    assert len(script().splitlines()) < 80


def test_the_main_job_through_the_api_alone(stack: Stack) -> None:
    environment = {
        **os.environ,
        "BASE": stack.url,
        "SANDBOX": stack.sandbox,
        "EMAIL": stack.email,
        "PASSWORD": stack.password,
        "COMPANY": stack.add_company("Loja da API"),
    }
    line = Line(stack, 1)  # so that it may run beside the tours
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
    sent = line.accepted()
    assert len({item["recipient"] for item in sent}) == 980
    assert len(sent) == 981

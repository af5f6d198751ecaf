"""Whatever goes wrong, a command says it in a sentence and never with a traceback."""

import errno
import os
import subprocess
from pathlib import Path

import pytest

from ops import entry
from ops.commands import manage
from ops.config import ROOT
from ops.errors import OperationError


def explained(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    def fail(arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr(manage, "main", fail)
    with pytest.raises(SystemExit) as end:
        entry.run("manage")
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationError("It broke.", "Mend it."), "It broke. Mend it."),
        (OSError(errno.ENOSPC, "", "/a"), "The disk is full (/a). Free some space"),
        (
            PermissionError(errno.EACCES, "", "/a"),
            "may not read or write a file that is needed (/a)",
        ),
        (OSError(errno.EMFILE, "Too many open files"), "The system refused: Too many open files."),
    ],
)
def test_failures_are_sentences(
    error: Exception,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert explained(error, monkeypatch) == 1
    assert words in capsys.readouterr().err


def test_ctrl_c_is_no_failure_to_explain(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained(KeyboardInterrupt(), monkeypatch) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["up", "down", "manage", "test", "bench", "build"])
def test_every_command_names_a_wrong_setting(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / "bin" / command],
        env={**os.environ, "PORT": "abc", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "\nPORT is 'abc', which is no port. Set PORT between 1 and 65535.\n"

"""Setting up: broken environments are noticed, and failures say what to do."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ops.config import ROOT, Config
from ops.errors import OperationError, cure_for
from ops.steps import python as packages
from ops.steps.frontend import npm
from ops.steps.translations import ensure_translations

Configure = Callable[..., Config]


def test_a_half_made_environment_is_not_usable(tmp_path: Path) -> None:
    assert packages.usable(ROOT / ".venv")
    assert not packages.usable(tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to("/nonexistent/python")
    assert not packages.usable(tmp_path)


def test_a_copied_environment_is_not_usable(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(ROOT / ".venv" / "bin" / "python")
    (tmp_path / "bin" / "pip").write_bytes((ROOT / ".venv" / "bin" / "pip").read_bytes())
    assert not packages.usable(tmp_path)


def test_python_without_ensurepip_gets_a_sentence(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho 'Error: ensurepip is not available.'\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(packages.sys, "executable", str(fake))
    with pytest.raises(OperationError, match=r"apt install python3\.\d+-venv"):
        packages.ensure_packages(replace(configure(), root=tmp_path))
    assert not (tmp_path / ".venv").exists()


def test_a_full_disk_is_said_before_packages_are_fetched(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "PACKAGES_MB", 1 << 40)
    monkeypatch.setattr(packages, "usable", lambda venv: True)
    (tmp_path / "requirements.txt").write_text("nothing\n")
    with pytest.raises(OperationError, match=r"Only \d+ MB are free"):
        packages.ensure_packages(replace(configure(), root=tmp_path))


def test_npm_that_fails_says_what_it_said(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"scripts": {"build": "echo broken >&2; exit 3"}}')
    config = configure()
    with pytest.raises(OperationError, match=r"npm run failed in .*broken"):
        npm(config, tmp_path, "run", "build")


def test_translations_are_compiled_when_their_source_is_newer(
    configure: Configure, tmp_path: Path
) -> None:
    folder = tmp_path / "locale" / "pt_BR" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "a"\nmsgstr "b"\n')
    config = replace(configure(), root=tmp_path)
    ensure_translations(config)
    written = (folder / "django.mo").stat().st_mtime_ns
    ensure_translations(config)
    assert (folder / "django.mo").stat().st_mtime_ns == written


def test_a_full_disk_is_told_from_other_failures() -> None:
    assert cure_for("initdb: No space left on device", "Look.").startswith("The disk is full")
    assert cure_for("initdb: no such user", "Look.") == "Look."

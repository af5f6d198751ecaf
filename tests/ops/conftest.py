"""What the tests of the launcher share: directories, configurations and stand-in programs."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.config import ROOT, Config, read_config


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short directory that the database's user may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="ops"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def configure(folder: Path) -> Callable[..., Config]:
    """Make a configuration of this checkout with its data in `folder`, and `settings` on top."""

    def make(**settings: str) -> Config:
        return read_config({"DATA_DIR": str(folder), "PATH": os.environ["PATH"], **settings}, ROOT)

    return make


@pytest.fixture
def python() -> str:
    """The interpreter for stand-in programs."""
    return sys.executable

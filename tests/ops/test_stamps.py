"""A step is skipped exactly while its inputs are what they were."""

from pathlib import Path

import pytest

from ops.stamps import Stamp, digest


def test_a_stamp_is_fresh_only_for_its_own_inputs(tmp_path: Path) -> None:
    path = tmp_path / "deep" / ".stamp"
    assert not Stamp(path, "a").fresh()
    Stamp(path, "a").write()
    assert Stamp(path, "a").fresh()
    assert not Stamp(path, "b").fresh()


def test_the_digest_follows_contents_names_and_settings(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("1")
    first = digest(tmp_path, ["*.txt"])
    assert digest(tmp_path, ["*.txt"]) == first
    assert digest(tmp_path, ["*.txt"], "more") != first
    (tmp_path / "one.txt").rename(tmp_path / "two.txt")
    second = digest(tmp_path, ["*.txt"])
    (tmp_path / "two.txt").write_text("2")
    assert len({first, second, digest(tmp_path, ["*.txt"])}) == 3


@pytest.mark.parametrize("folder", ["node_modules", "__pycache__", ".data"])
def test_what_is_installed_or_made_is_no_input(tmp_path: Path, folder: str) -> None:
    before = digest(tmp_path, ["**/*"])
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "a.js").write_text("1")
    assert digest(tmp_path, ["**/*"]) == before

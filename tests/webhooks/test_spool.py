"""The spool: whole files only, sealed, in order, drained once, and never more than its room."""

import os
import stat
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, OperationalError

from webhooks.ingress.services import spool

AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.INGRESS_SPOOL_DIR = tmp_path / "data" / "spool"
    return Path(settings.INGRESS_SPOOL_DIR)


def a_callback(body: bytes = b'{"a": 1}', **changes: Any) -> spool.Callback:
    given = {"provider": "p", "sha256": "0" * 64, "route_id": uuid4(), "body": body, "at": AT}
    return spool.Callback(**{**given, **changes})


def drained() -> list[spool.Callback]:
    found: list[spool.Callback] = []
    spool.drain(found.extend, seconds=5)
    return found


def test_what_is_put_comes_back_byte_for_byte_and_in_order(folder: Path) -> None:
    given = [a_callback(bytes([number]) * 3 + b"\x00\xff") for number in range(5)]
    given.append(a_callback(b"", route_id=None))
    for callback in given:
        spool.put(callback)

    assert spool.count() == 6
    assert drained() == given
    assert spool.count() == 0
    assert drained() == []


def test_a_file_is_sealed_and_for_its_owner_alone(folder: Path) -> None:
    spool.put(a_callback(b"CANARY 5511987654321"))

    [path] = folder.glob("*.spool")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert b"CANARY" not in path.read_bytes()


def test_what_comes_at_once_shares_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flush, flushed = os.fsync, []

    def slow(descriptor: int) -> None:
        flushed.append(descriptor)
        time.sleep(0.01)
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", slow)
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda _: spool.put(a_callback()), range(20)))

    assert spool.count() == 20
    assert len(list(folder.glob("*.spool"))) < 20
    assert len(drained()) == 20


def test_the_file_and_its_directory_are_flushed_before_it_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.put(a_callback())  # and the directory is there
    kinds: list[str] = []
    monkeypatch.setattr(
        os,
        "fsync",
        lambda fd: kinds.append("dir" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"),
    )
    spool.put(a_callback())
    assert kinds == ["file", "dir"]


def test_a_full_spool_takes_nothing(folder: Path, settings: Any) -> None:
    settings.INGRESS_SPOOL_MAX_BYTES = 2_000
    spool.put(a_callback(b"x" * 500))
    with pytest.raises(spool.NoRoom):
        spool.put(a_callback(b"x" * 1_000))
    assert [path.suffix for path in folder.glob("0*")] == [".spool"]


def test_the_last_of_the_disk_is_left_to_others(folder: Path, settings: Any) -> None:
    settings.INGRESS_SPOOL_FREE_BYTES = 2**60
    with pytest.raises(spool.NoRoom):
        spool.put(a_callback())


@pytest.mark.parametrize("place", ["a file", "/proc/spool"])
def test_a_place_that_cannot_be_written_takes_nothing(
    place: str, tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "a file").write_text("")
    settings.INGRESS_SPOOL_DIR = tmp_path / place / "below"
    with pytest.raises(spool.NoRoom):
        spool.put(a_callback())


def test_a_failed_write_leaves_no_draft(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    spool.put(a_callback())
    drained()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(spool.NoRoom):
        spool.put(a_callback())
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_nothing_is_lost_when_the_database_goes_again(folder: Path) -> None:
    for number in range(3):
        spool.put(a_callback(b"%d" % number))
    stored: list[bytes] = []

    def goes(callbacks: Sequence[spool.Callback]) -> None:
        if stored:
            raise OperationalError
        stored.extend(one.body for one in callbacks)

    with pytest.raises(OperationalError):
        spool.drain(goes, seconds=5)

    assert stored == [b"0"]
    assert [one.body for one in drained()] == [b"1", b"2"]


@pytest.mark.parametrize("damage", ["bit", "half", "empty", "renamed", "not ours"])
def test_a_damaged_file_is_put_aside_and_keeps_nobody_back(folder: Path, damage: str) -> None:
    spool.put(a_callback(b"first"))
    spool.put(a_callback(b"second"))
    first = min(folder.glob("*.spool"))
    text = first.read_bytes()
    if damage == "bit":
        first.write_bytes(text[:-9] + (b"A" if text[-9:-8] != b"A" else b"B") + text[-8:])
    elif damage == "renamed":
        first = first.rename(first.with_name("0-renamed-1.spool"))
    else:
        first.write_bytes(
            {"half": text[: len(text) // 2], "empty": b"", "not ours": b"\xff"}[damage]
        )

    assert [one.body for one in drained()] == [b"second"]
    assert spool.corrupt() == [first.with_suffix(".corrupt").name]
    assert drained() == []


def test_what_the_database_will_not_have_is_put_aside(folder: Path) -> None:
    def refuses(callbacks: Sequence[spool.Callback]) -> None:
        raise DataError

    spool.put(a_callback())
    assert spool.drain(refuses, seconds=5) == 0
    assert len(spool.corrupt()) == 1


def test_one_drains_at_a_time(folder: Path) -> None:
    spool.put(a_callback())
    inner: list[int] = []
    spool.drain(lambda _: inner.append(spool.drain(list, seconds=5)), seconds=5)
    assert inner == [0]


def test_drafts_of_the_dead_are_swept_away_and_those_of_the_living_stay(folder: Path) -> None:
    spool.put(a_callback())
    old, new = folder / "1-a-1.draft", folder / "2-b-1.draft"
    for draft in (old, new):
        draft.write_text("half")
    os.utime(old, (time.time() - 120, time.time() - 120))

    drained()

    assert [path.name for path in folder.glob("*.draft")] == [new.name]


def test_a_drain_ends_when_its_time_is_up(folder: Path) -> None:
    for _ in range(3):
        spool.put(a_callback())
    assert spool.drain(lambda _: None, seconds=0) == 1
    assert spool.count() == 2

"""A log cannot grow without end."""

from pathlib import Path

from ops.logs import CappedLog, last_words


def test_a_full_log_moves_aside_once(tmp_path: Path) -> None:
    log = CappedLog(tmp_path / "web.log", limit=20)
    for number in range(10):
        log.write(f"line {number}".encode())
    log.close()
    assert (tmp_path / "web.log").read_text().splitlines() == ["line 9"]
    assert (tmp_path / "web.log.1").read_text().splitlines() == [f"line {n}" for n in (6, 7, 8)]


def test_the_last_words_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    path.write_text("a\nb\n\nc\nd\n")
    assert last_words(path) == "b / c / d"
    assert last_words(tmp_path / "none.log") == "it left no log"

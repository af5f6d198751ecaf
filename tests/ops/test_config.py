"""Settings come from the environment and `.env`; a wrong one is named."""

from pathlib import Path

import pytest

from ops.config import read_config, read_dotenv
from ops.errors import OperationError


def test_the_environment_wins_over_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=7000\nSANDBOX_PORT=7050\n")
    config = read_config({"PORT": "8000"}, tmp_path)
    assert (config.port, config.socket_port) == (8000, 8001)
    assert (config.sandbox_port, config.smtp_port) == (7050, 7051)


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=7000\n")
    assert read_config({"PORT": ""}, tmp_path).port == 7000


def test_the_defaults_are_those_of_the_contract(tmp_path: Path) -> None:
    config = read_config({}, tmp_path)
    assert (config.port, config.socket_port, config.sandbox_port) == (5000, 5001, 5050)
    assert config.data_dir == tmp_path / ".data"
    assert config.address == "http://localhost:5000"
    assert config.demo


def test_dotenv_understands_comments_export_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(
        "# a comment\n\nexport A=1\nB = two words # a comment\nC='x # y'\nD=\"\"\nE=a=b#c\n"
    )
    assert read_dotenv(path) == {"A": "1", "B": "two words", "C": "x # y", "E": "a=b#c"}


def test_a_line_that_is_no_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nnonsense\n")
    with pytest.raises(OperationError, match=r"Line 2 of .*\.env is not NAME=value\."):
        read_dotenv(tmp_path / ".env")


@pytest.mark.parametrize("text", ["abc", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(OperationError, match=r"SOCKET_PORT is '.*', which is no port\."):
        read_config({"SOCKET_PORT": text}, tmp_path)


@pytest.mark.parametrize(("text", "on"), [("0", False), ("no", False), ("1", True), ("TRUE", True)])
def test_a_switch_reads_as_people_write_it(tmp_path: Path, text: str, *, on: bool) -> None:
    assert read_config({"DEMO": text}, tmp_path).demo is on


def test_a_switch_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="DEMO is 'maybe'"):
        read_config({"DEMO": "maybe"}, tmp_path)

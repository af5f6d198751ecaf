"""`bin/bench imports`: 200,000 rows of contacts, 2,000 of them bad, in a worker of their own.

The target (Part 3, "must show" 6): the right counts; under 300 MB at the worker's peak; a kill -9
half-way, and the next worker goes on without a contact twice. First the check that writes nothing,
then the import from Windows-1252 with the kill, then the same people from UTF-8 with a byte order
mark: nobody is new any more.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

from benchmarks.importing import sheet
from benchmarks.report import Result
from benchmarks.server import throwaway_database

ROWS = 200_000
MAX_MEGABYTES = 300
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Run:
    """A worker that ended: how long it took, and the most memory it held."""

    seconds: float
    megabytes: float


def run(arguments: list[str]) -> Result:
    """Check, import with a kill, import again.

    Args:
        arguments: `--rows N`, for a quick look.
    """
    parser = argparse.ArgumentParser(prog="bin/bench imports")
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args(arguments).rows
    with throwaway_database() as url:
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
        django.setup()
        from core import scope
        from tenants.services.companies import create_company

        company = create_company(name="Imports", slug="bench-imports", owner=None)
        with scope.opened(company), scope.surroundings(company):
            return judged(_measure(company.slug, rows), rows)


def judged(figures: Mapping[str, float], rows: int) -> Result:
    """The result with its verdict: every count right, little memory, nobody twice."""
    good = rows - sum(sheet.bad_rows(rows).values())
    exact = {
        "check_created": good, "created": good, "rejected": rows - good, "contacts": good,
        "phones": good, "rows_noted": rows, "again_created": 0, "again_updated": good,
        "reasons_right": 1,
    }  # fmt: skip
    counts_hold = all(figures[name] == wanted for name, wanted in exact.items())
    was_killed_half_way = 0 < figures["killed_at_row"] < rows
    is_small = figures["peak_megabytes"] < MAX_MEGABYTES
    return Result("imports", counts_hold and was_killed_half_way and is_small, figures)


def _measure(slug: str, rows: int) -> dict[str, float]:
    from crm.models import Contact, Identity, Import, ImportRow
    from crm.services import imports

    batch = imports.check_import(batch=_draft(rows, "cp1252"))
    check = _work(slug, imports.CHECK, batch)
    batch.refresh_from_db()
    forecast = batch.forecast

    imports.start_checked(batch=batch)
    cut = _work(slug, imports.KIND, batch, until=lambda: _cursor(batch) >= rows // 2)
    killed_at = _cursor(batch)
    rest = _work(slug, imports.KIND, batch)
    batch.refresh_from_db()

    again = imports.start_import(batch=_draft(rows, "utf-8-sig"))
    second = _work(slug, imports.KIND, again)
    again = Import.objects.get(pk=again.pk)
    return {
        "check_created": forecast["created"],
        "reasons_right": float(forecast["reasons"] == sheet.bad_rows(rows)),
        "created": batch.created,
        "rejected": batch.rejected,
        "killed_at_row": killed_at,
        "contacts": Contact.objects.count(),
        "phones": Identity.objects.filter(kind="phone", alias_of=None).count(),
        "rows_noted": ImportRow.objects.filter(batch=batch).count(),
        "again_created": again.created,
        "again_updated": again.updated,
        "check_rows_per_second": rows / check.seconds,
        "rows_per_second": rows / (cut.seconds + rest.seconds),
        "again_rows_per_second": rows / second.seconds,
        "peak_megabytes": max(one.megabytes for one in (check, cut, rest, second)),
    }


def _draft(rows: int, encoding: str) -> Any:
    from crm.services.imports import create_import

    file = io.BytesIO(sheet.content(rows, encoding))
    return create_import(file=file, filename=f"clientes-{encoding}.csv")


def _cursor(batch: Any) -> int:
    return int(type(batch).objects.values_list("cursor", flat=True).get(pk=batch.pk))


def _work(slug: str, kind: str, batch: Any, until: Callable[[], bool] | None = None) -> Run:
    """A worker at this import, to its end; killed at once when `until` says so.

    Raises:
        AssertionError: it ended of itself with an error.
    """
    began, peak = time.monotonic(), 0.0
    argv = [sys.executable, "-m", "benchmarks.importing.worker", slug, kind, str(batch.pk)]
    with subprocess.Popen(argv) as process:
        while process.poll() is None:
            peak = max(peak, _peak_megabytes(process.pid))
            if until is not None and until():
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(LOOK_SECONDS)
    if process.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(f"the worker ended with {process.returncode}")
    return Run(time.monotonic() - began, peak)


def _peak_megabytes(pid: int) -> float:
    """The most memory a process held so far (VmHWM of proc(5)); 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    kilobytes = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), "0")
    return int(kilobytes) / 1024

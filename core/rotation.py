"""Moving everything that is encrypted onto the current key.

Found by walking all models for encrypted fields. Each value is replaced only if it is still the
one that was read, so people may go on working meanwhile; what is done stays done, so an
interrupted run is simply started again. When ``key_usage`` no longer names an old key, it can
leave ENCRYPTION_KEYS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models.functions import Cast

from core import crypto, scope
from core.companies import all_companies
from core.fields import EncryptedField, Sealed, encrypted_fields

BATCH = 500


@dataclass(frozen=True, slots=True)
class Column:
    """One encrypted column; ``shared`` when its table is in the public schema."""

    model: type[models.Model]
    field: EncryptedField

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.field.name}"


def columns() -> list[Column]:
    """All encrypted columns of the project."""
    return [
        Column(model, field)
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
        for field in encrypted_fields(model)
    ]


def rotate_all(*, batch: int = BATCH) -> Iterator[tuple[str, str, int]]:
    """Re-encrypt what is not on the current key; yields (schema, column, how many) as it goes.

    Raises ``core.crypto.DecryptionError`` at a value whose key is not in ENCRYPTION_KEYS.
    """
    for schema, column in _places():
        yield schema, column.label, rotate_column(column, batch=batch)


def rotate_column(column: Column, *, batch: int = BATCH) -> int:
    """Re-encrypt one column of the schema that is open; returns how many values changed."""
    changed, after = 0, None
    while True:
        rows = list(_outdated(column, after)[:batch])
        if not rows:
            return changed
        changed += sum(_rotate(column, pk, sealed) for pk, sealed in rows)
        after = rows[-1][0]


def key_usage() -> Counter[str]:
    """How many values each key holds, over all schemas."""
    usage: Counter[str] = Counter()
    for _, column in _places():
        usage.update(column_usage(column))
    return usage


def column_usage(column: Column) -> Counter[str]:
    """How many values of one column in the open schema each key holds."""
    quote = connection.ops.quote_name
    table, name = quote(column.model._meta.db_table), quote(column.field.get_attname_column()[1])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT split_part({name}, '.', 2), count(*) FROM {table}"  # noqa: S608 -- quoted
            f" WHERE {name} <> '' GROUP BY 1"
        )
        return Counter(dict(cursor.fetchall()))


def _places() -> Iterator[tuple[str, Column]]:
    """Every (schema, column), with the schema open while it is being worked on."""
    found = columns()
    with scope.public():
        yield from ((scope.PUBLIC, column) for column in found if column.field.is_shared)
    of_companies = [column for column in found if not column.field.is_shared]
    for company in all_companies() if of_companies else ():
        with scope.opened(company):
            yield from ((company.schema_name, column) for column in of_companies)


def _outdated(column: Column, after: Any) -> Any:
    rows = column.model._base_manager.annotate(_sealed=Cast(column.field.name, models.TextField()))
    rows = rows.exclude(_sealed="").exclude(_sealed__isnull=True)
    rows = rows.exclude(_sealed__startswith=f"{crypto.VERSION}.{crypto.keyring().current}.")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return rows.order_by("pk").values_list("pk", "_sealed")


def _rotate(column: Column, pk: Any, sealed: str) -> int:
    place = column.field.aad(pk)
    renewed = Sealed(crypto.encrypt(crypto.decrypt(sealed, place), place))
    unchanged = column.model._base_manager.annotate(
        _sealed=Cast(column.field.name, models.TextField())
    ).filter(pk=pk, _sealed=sealed)
    return unchanged.update(**{column.field.name: renewed})

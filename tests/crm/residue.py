"""Looking for a person in everything that is kept: tables, files, Redis."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg import sql

from core import redis

_TABLES = """
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema IN (current_schema(), 'public')
    ORDER BY 1, 2
"""


def traces(words: list[str]) -> set[str]:
    """Where any of the words is found: `table: word`, `file: word`, `redis key: word`.

    A whole row is read as text, bytes as hexadecimal digits, so every column is.
    """
    return {
        f"{place}: {word}"
        for place, text in (*_rows(words), *_files(), *_keys())
        for word in words
        if word.lower() in text.lower() or word.encode().hex() in text
    }


def _rows(words: list[str]) -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for schema, table in cursor.fetchall():
            cursor.execute(
                sql.SQL("SELECT row::text FROM {} row").format(sql.Identifier(schema, table))
            )
            for (text,) in cursor.fetchall():
                yield table, text


def _files() -> Iterator[tuple[str, str]]:
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file():
            yield "file", path.read_bytes().hex()


def _keys() -> Iterator[tuple[str, str]]:
    client = redis.client()
    read = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1),
        b"list": lambda key: client.lrange(key, 0, -1),
        b"stream": client.xrange,
    }
    for key in client.scan_iter():
        kind = client.type(key)
        value = read[kind if isinstance(kind, bytes) else kind.encode()](key)
        yield "redis", f"{key!r} {value!r}"

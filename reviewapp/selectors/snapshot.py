"""One view of the database for reads that must agree with each other, such as a bundle of all tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

BEGIN = {
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "sqlite": "BEGIN DEFERRED",
}


@contextmanager
def snapshot() -> Iterator[None]:
    """Let the enclosed reads see one state of the database, whoever writes meanwhile; nobody is made to wait.

    Inside a transaction that is open already the reads join it. Nothing may be written in here: on SQLite the
    transaction is deferred, so it takes no lock, and on both databases it is rolled back at the end.
    """
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(BEGIN[connection.vendor])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")

"""One statement for many rows, in plain SQL: the same text for both databases, and no object for each row.

Only for the hot path of polling, where an object for every article costs more than fetching it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

Row = Sequence[Any]


def run_for_each(statement: str, rows: Iterable[Row]) -> None:
    """Executes the statement, with %s for each value, once for each row; to be called inside a transaction.

    Values are text, numbers, booleans, None and aware datetimes; column defaults are the database's, not the model's.
    """
    rows = list(rows)
    if not rows:
        return
    if connection.vendor == "postgresql":
        _run_on_postgresql(statement, rows)
        return
    known: dict[datetime, Any] = {}

    def adapted(value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        if value not in known:
            known[value] = connection.ops.adapt_datetimefield_value(value)
        return known[value]

    with connection.cursor() as cursor:
        cursor.executemany(statement, [[adapted(value) for value in row] for row in rows])


def _run_on_postgresql(statement: str, rows: Iterable[Row]) -> None:
    """Prepared once by the server and sent in one stream; Django's own cursor writes every value into the SQL text."""
    import psycopg

    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.executemany(statement, rows)

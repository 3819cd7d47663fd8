"""Many rows at once, in plain SQL and without an object for each.

Only for the hot path of polling, where an object for every article costs more than fetching it. To be called inside a
transaction. Values are text, numbers, booleans, None and aware datetimes; what the model would fill in must be given.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

Row = Sequence[Any]


def add(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Inserts the rows; one that a unique constraint knows already is passed over."""
    if not rows:
        return
    names = ", ".join(columns)
    if connection.vendor == "postgresql":
        _copy(table, names, rows)
        return
    places = ", ".join(["%s"] * len(columns))
    run_for_each(f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING", rows)  # noqa: S608


def run_for_each(statement: str, rows: Iterable[Row]) -> None:
    """Executes the statement, with %s for each value, once for each row."""
    if not (rows := list(rows)):
        return
    if connection.vendor == "postgresql":
        import psycopg

        # Prepared once by the server and sent in one stream; Django's own cursor writes every value into the SQL text.
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            cursor.executemany(statement, rows)
        return
    known: dict[datetime, Any] = {}

    def adapted(value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        if value not in known:
            known[value] = connection.ops.adapt_datetimefield_value(value)
        return known[value]

    with connection.cursor() as plain:
        plain.executemany(statement, [[adapted(value) for value in row] for row in rows])


def _copy(table: str, names: str, rows: Iterable[Row]) -> None:
    """COPY takes no ON CONFLICT, so by way of a table that is this connection's own, and emptied each time."""
    import psycopg

    own = f"incoming_{table}"
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        like = f"SELECT {names} FROM {table} WITH NO DATA"  # noqa: S608 - names of ours
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {own} ON COMMIT DELETE ROWS AS {like}")
        with cursor.copy(f"COPY {own} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {own} ON CONFLICT DO NOTHING")  # noqa: S608
        cursor.execute(f"DELETE FROM {own}")  # noqa: S608

"""The index in either database, laid by a migration: FTS5 tables in SQLite, tsvector columns in PostgreSQL.

Each kind of row has a table of its own, whose id is the row's. Both databases get tokens that are cut already and
compare them as they are.
"""

from typing import Any

KINDS = ("pledge", "article")


def create(apps: Any, schema_editor: Any) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    with schema_editor.connection.cursor() as cursor:
        for kind in KINDS:
            for statement in (_postgresql if is_postgresql else _sqlite)(f"search_{kind}"):
                cursor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for kind in KINDS:
            cursor.execute(f"DROP TABLE search_{kind}")


def _sqlite(table: str) -> list[str]:
    # `ascii` leaves every character beyond ASCII alone; `detail=column` keeps no positions, for nothing asks for them.
    return [f"CREATE VIRTUAL TABLE {table} USING fts5(title, words, tokenize='ascii', detail=column, columnsize=0)"]


def _postgresql(table: str) -> list[str]:
    return [
        f"CREATE TABLE {table} (id bigint PRIMARY KEY, title tsvector NOT NULL, words tsvector NOT NULL)",
        f"CREATE INDEX {table}_title ON {table} USING gin (title)",
        f"CREATE INDEX {table}_words ON {table} USING gin (words)",
    ]

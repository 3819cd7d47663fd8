"""Keeps judgements as they were made, whoever writes: triggers, for a migration to lay into either database.

Refused are changing, deleting and emptying the rows of assessments and of the evidence they cite, and citing more than
an assessment said it would when it was made (its `evidence_count`).
"""

from collections.abc import Iterator
from string import Template
from typing import Any

TABLES = ("pledges_assessment", "pledges_assessment_evidence")
SEALED = """
    (SELECT COUNT(*) FROM pledges_assessment_evidence WHERE assessment_id = NEW.assessment_id)
    >= (SELECT evidence_count FROM pledges_assessment WHERE id = NEW.assessment_id)"""

# `INSERT OR REPLACE` deletes a row without firing a delete trigger: a known id is refused where rows are added.
SQLITE = {
    "unchanged": "BEFORE UPDATE ON $table",
    "kept": "BEFORE DELETE ON $table",
    "not_replaced": "BEFORE INSERT ON $table WHEN EXISTS (SELECT 1 FROM $table WHERE id = NEW.id)",
}
SQLITE_SEAL = {"sealed": f"BEFORE INSERT ON $table WHEN {SEALED}"}

POSTGRESQL_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION pledges_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION pledges_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {SEALED} THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""
POSTGRESQL = {
    "unchanged": "BEFORE UPDATE OR DELETE ON $table FOR EACH ROW EXECUTE FUNCTION pledges_append_only()",
    "kept": "BEFORE TRUNCATE ON $table FOR EACH STATEMENT EXECUTE FUNCTION pledges_append_only()",
}
POSTGRESQL_SEAL = {"sealed": "BEFORE INSERT ON $table FOR EACH ROW EXECUTE FUNCTION pledges_sealed()"}


def protect(apps: Any, schema_editor: Any) -> None:
    """Safe to run again: a migration that remakes one of the tables on SQLite has to."""
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTIONS)
        for table, name, condition in _triggers(schema_editor):
            if schema_editor.connection.vendor == "postgresql":
                cursor.execute(f"CREATE OR REPLACE TRIGGER {name} {condition}")
            else:
                refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
                cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {condition} BEGIN {refuse}; END")


def unprotect(apps: Any, schema_editor: Any) -> None:
    """For going back to before the migration, and for the tests' way of emptying tables."""
    with schema_editor.connection.cursor() as cursor:
        for table, name, _condition in _triggers(schema_editor):
            tail = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{tail}")


def _triggers(schema_editor: Any) -> Iterator[tuple[str, str, str]]:
    """Table, name and condition of each."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    common, seal = (POSTGRESQL, POSTGRESQL_SEAL) if is_postgresql else (SQLITE, SQLITE_SEAL)
    for table in TABLES:
        for name, condition in {**common, **(seal if table == TABLES[1] else {})}.items():
            yield table, f"{table}_{name}", Template(condition).substitute(table=table)

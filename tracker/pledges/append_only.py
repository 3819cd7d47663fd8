"""Keeps the record as it was made, whoever writes: triggers, for a migration to lay into either database.

A judgement is never changed, deleted or given more evidence than it cited when it was made (its `evidence_count`).
Evidence may be withdrawn, which changes its row, and is never deleted.
"""

from collections.abc import Iterator
from string import Template
from typing import Any

# What is said of a table, and which triggers keep it so.
KEPT = ("not_deleted", "not_replaced", "not_emptied")
TABLES = {
    "pledges_assessment": ("append-only", ("not_changed", *KEPT)),
    "pledges_assessment_evidence": ("append-only", ("not_changed", *KEPT, "sealed")),
    "pledges_evidence": ("never deleted", KEPT),
}
SEALED = """
    (SELECT COUNT(*) FROM pledges_assessment_evidence WHERE assessment_id = NEW.assessment_id)
    >= (SELECT evidence_count FROM pledges_assessment WHERE id = NEW.assessment_id)"""

SQLITE = {
    "not_changed": "BEFORE UPDATE ON $table",
    "not_deleted": "BEFORE DELETE ON $table",
    # `INSERT OR REPLACE` deletes a row without firing a delete trigger: a known id is refused where rows are added.
    "not_replaced": "BEFORE INSERT ON $table WHEN EXISTS (SELECT 1 FROM $table WHERE id = NEW.id)",
    "sealed": f"BEFORE INSERT ON $table WHEN {SEALED}",
}
POSTGRESQL = {
    "not_changed": "BEFORE UPDATE ON $table FOR EACH ROW EXECUTE FUNCTION pledges_refuse('$said')",
    "not_deleted": "BEFORE DELETE ON $table FOR EACH ROW EXECUTE FUNCTION pledges_refuse('$said')",
    "not_emptied": "BEFORE TRUNCATE ON $table FOR EACH STATEMENT EXECUTE FUNCTION pledges_refuse('$said')",
    "sealed": "BEFORE INSERT ON $table FOR EACH ROW EXECUTE FUNCTION pledges_refuse_if_sealed('$said')",
}
POSTGRESQL_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION pledges_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION pledges_refuse_if_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {SEALED} THEN
        RAISE EXCEPTION '% is %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""


def protect(apps: Any, schema_editor: Any) -> None:
    """Safe to run again: a migration that remakes one of the tables on SQLite has to."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    with schema_editor.connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute(POSTGRESQL_FUNCTIONS)
        for table, said, name, deed in _triggers(POSTGRESQL if is_postgresql else SQLITE):
            if is_postgresql:
                cursor.execute(f"CREATE OR REPLACE TRIGGER {name} {deed}")
            else:
                refuse = f"SELECT RAISE(ABORT, '{table} is {said}')"
                cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {deed} BEGIN {refuse}; END")


def unprotect(apps: Any, schema_editor: Any) -> None:
    """For going back to before the migration, and for the tests' way of emptying tables."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    with schema_editor.connection.cursor() as cursor:
        for table, _said, name, _deed in _triggers(POSTGRESQL if is_postgresql else SQLITE):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if is_postgresql else ""))


def _triggers(deeds: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Table, what is said of it, name of the trigger, and what fires it."""
    for table, (said, names) in TABLES.items():
        for name in names:
            if name in deeds:
                yield table, said, f"{table}_{name}", Template(deeds[name]).substitute(table=table, said=said)

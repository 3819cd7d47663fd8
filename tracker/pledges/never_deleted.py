"""Keeps evidence on record, whoever writes: it is withdrawn, and no row of it can be deleted.

Triggers, for a migration to lay into either database; made as in `append_only`, whose way of emptying tables between
tests undoes them too.
"""

from typing import Any

EVIDENCE = "pledges_evidence"
SAID = f"{EVIDENCE} is never deleted"
SQLITE = (
    f"DROP TRIGGER IF EXISTS {EVIDENCE}_refuses_delete",
    f"DROP TRIGGER IF EXISTS {EVIDENCE}_refuses_replace",
    f"CREATE TRIGGER {EVIDENCE}_refuses_delete BEFORE DELETE ON {EVIDENCE} BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
    # `INSERT OR REPLACE` deletes without firing the trigger above.
    f"CREATE TRIGGER {EVIDENCE}_refuses_replace BEFORE INSERT ON {EVIDENCE} "  # noqa: S608 - names of our own
    f"WHEN EXISTS (SELECT 1 FROM {EVIDENCE} WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
)
POSTGRESQL = (
    f"""
CREATE OR REPLACE FUNCTION pledges_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{SAID}' USING ERRCODE = 'integrity_constraint_violation';
END $$""",
    f"CREATE OR REPLACE TRIGGER {EVIDENCE}_refuses_delete BEFORE DELETE ON {EVIDENCE} "
    "FOR EACH ROW EXECUTE FUNCTION pledges_never_deleted()",
    f"CREATE OR REPLACE TRIGGER {EVIDENCE}_refuses_emptying BEFORE TRUNCATE ON {EVIDENCE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION pledges_never_deleted()",
)


def protect(apps: Any, schema_editor: Any) -> None:
    """Safe to run again; a migration that remakes the table on SQLite has to."""
    _run(schema_editor, SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def unprotect(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        _run(schema_editor, SQLITE[:2])
    else:
        _run(schema_editor, ("DROP FUNCTION IF EXISTS pledges_never_deleted CASCADE",))


def _run(schema_editor: Any, statements: tuple[str, ...]) -> None:
    """Past the editor's templating: the function holds signs of its own."""
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
